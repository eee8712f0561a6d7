using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>A reply that this node itself has missed.</summary>
/// <param name="Address">The node that did not reply.</param>
/// <param name="Reason">The missed reply, for an operator.</param>
/// <param name="Since">The time of the first probe.</param>
/// <param name="InVain">The nodes that were asked to probe it and got no reply.</param>
/// <param name="IsRefused">Whether its address refuses connections.</param>
internal sealed record MissedAnswer(RpcAddress Address, string Reason, TimeSpan Since, ImmutableHashSet<RpcAddress> InVain, bool IsRefused = false);
