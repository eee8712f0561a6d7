using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>A question under way.</summary>
/// <param name="Target">The probed node.</param>
/// <param name="Number">The ping's number, also in the requests to others.</param>
/// <param name="Since">The time of the first probe.</param>
/// <param name="DirectUntil">The time at which other nodes are asked to probe.</param>
/// <param name="Until">The time at which the probe fails.</param>
internal sealed record Probe(RpcAddress Target, long Number, TimeSpan Since, TimeSpan DirectUntil, TimeSpan Until)
{
    /// <summary>Number of other nodes that were asked; -1 until then.</summary>
    public int Asked { get; init; } = -1;

    /// <summary>Those of them that reported no reply.</summary>
    public ImmutableHashSet<RpcAddress> InVain { get; init; } = [];

    public TimeSpan Due => Asked < 0 ? DirectUntil : Until;

    /// <summary>The same after a pause in which this node heard nothing.</summary>
    public Probe Later(TimeSpan pause) => this with { Since = Since + pause, DirectUntil = DirectUntil + pause, Until = Until + pause };
}

/// <summary>A probe that this node makes on behalf of another one.</summary>
internal sealed record Relay(RpcAddress Asker, long AskersNumber, TimeSpan Until);
