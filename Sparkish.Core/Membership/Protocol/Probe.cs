#pragma warning disable MA0048 // a node's own question and one that it asks for another stand together
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>A question under way.</summary>
/// <param name="Target">Who is asked.</param>
/// <param name="Number">The ping's number, also in the requests to others.</param>
/// <param name="DirectUntil">When others are asked to try.</param>
/// <param name="Until">When the question has failed.</param>
/// <param name="Asked">How many others were asked; -1 until then.</param>
/// <param name="Nacks">How many of them said that they waited in vain.</param>
internal sealed record Probe(RpcAddress Target, long Number, TimeSpan DirectUntil, TimeSpan Until, int Asked = -1, int Nacks = 0)
{
    public TimeSpan Due => Asked < 0 ? DirectUntil : Until;
}

/// <summary>A question that another node has asked this one to ask.</summary>
internal sealed record Relay(RpcAddress Asker, long AskersNumber, RpcAddress Target, TimeSpan Until);
