using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sparkish.Rpc;

namespace Sparkish.Membership;

/// <summary>A message between nodes of a group. All are sent from and to the endpoint <c>membership</c> of their envs.</summary>
internal interface IToMembership
{
    /// <summary>The node that sent it.</summary>
    RpcAddress From { get; }

    /// <summary>Which group and which process it is meant for.</summary>
    GroupLabel Label { get; init; }
}

/// <summary>Keeps groups apart: a node of another group, or a new process at a reused address, ignores messages that are not addressed to it.</summary>
/// <param name="Group">The sender's group, <c>spark.membership.cluster</c>.</param>
/// <param name="Receiver">The incarnation of the env that is to read it; 0 for any.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GroupLabel(string? Group, long Receiver);

/// <summary>A message of membership.</summary>
internal abstract record MembershipMessage(RpcAddress From) : IToMembership
{
    public GroupLabel Label { get; init; }
}

/// <summary>A rumor about a member, repeated with every message until enough nodes have it.</summary>
/// <param name="Member">The member of the rumor.</param>
/// <param name="Incarnation">Counted up by the member alone, each time that it speaks for itself.</param>
/// <param name="Status">The reported status.</param>
/// <param name="By">The node that reports it: a suspicion counts once per node.</param>
/// <param name="Reason">The reason, for bad news.</param>
/// <param name="IsRefused">Whether the suspicion is that the process is gone: its address refuses connections.</param>
/// <param name="Age">The time since a member is down or has left, so that all nodes forget it at about the same time.</param>
internal sealed record MemberRumor(
    Member Member, long Incarnation, MemberStatus Status, RpcAddress By, string Reason = "", bool IsRefused = false, TimeSpan Age = default);

// Any node to any other

/// <summary>Sent to probe a node; answered by <see cref="Ack"/>.</summary>
internal sealed record Ping(RpcAddress From, long Number, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);

/// <summary>Answers a <see cref="Ping"/>, or reports that a node has answered the one requested by <see cref="PingRequest"/>.</summary>
internal sealed record Ack(RpcAddress From, long Number, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);

/// <summary>
/// Sent to some nodes when a node did not reply: each probes it, too, and replies by <see cref="Ack"/>, or by <see cref="Nack"/> after a timeout.
/// </summary>
internal sealed record PingRequest(RpcAddress From, long Number, RpcAddress Target, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);

/// <summary>Reports that the probed node did not reply in time. The report itself shows that the asker's own link works.</summary>
internal sealed record Nack(RpcAddress From, long Number) : MembershipMessage(From);

/// <summary>Sent to two other nodes at once when a node is down or leaves; not answered.</summary>
internal sealed record News(RpcAddress From, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);

/// <summary>
/// Sent periodically to compare views; answered by <see cref="FullState"/> if the hash differs, or by <see cref="News"/> while rumors are still spreading.
/// </summary>
internal sealed record Digest(RpcAddress From, ulong Hash) : MembershipMessage(From);

/// <summary>The whole view of a node; also sent to join. Answered by the receiver's view unless it is itself an answer.</summary>
internal sealed record FullState(RpcAddress From, bool IsAnswer, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);
