#pragma warning disable MA0048 // the messages are kept beside the endpoint that answers
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>Sent by the membership of the same env; answered by <see cref="HearingTested"/>.</summary>
internal sealed record TestHearing(RpcEndpointRef Asker);

/// <summary>An ordinary endpoint has replied.</summary>
internal sealed record HearingTested;

/// <summary>An ordinary endpoint, which replies to the membership's as soon as the thread pool lets it.</summary>
internal sealed class HearingTest : RpcEndpoint
{
    /// <summary>Its name in every env that is a member.</summary>
    public const string EndpointName = "membership-hearing";

    public override void Receive(object message)
    {
        switch (message)
        {
            case TestHearing m: m.Asker.Send(new HearingTested()); break;
            default: base.Receive(message); break;
        }
    }
}
