using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>Tells peers which endpoints are registered.</summary>
internal sealed class EndpointVerifier(Dispatcher dispatcher) : RpcEndpoint
{
    /// <summary>Its name in every env.</summary>
    public const string EndpointName = "endpoint-verifier";

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case CheckExistence m: call.Reply(dispatcher.Contains(m.Name)); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }
}
