using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>An answer that this node has missed itself.</summary>
/// <param name="Address">The node that did not answer.</param>
/// <param name="Reason">What was missed, for an operator.</param>
/// <param name="Since">When it was called first.</param>
/// <param name="InVain">Those that were asked to try it and waited in vain.</param>
/// <param name="IsRefused">Whether its address refuses connections.</param>
internal sealed record MissedAnswer(RpcAddress Address, string Reason, TimeSpan Since, ImmutableHashSet<RpcAddress> InVain, bool IsRefused = false);
