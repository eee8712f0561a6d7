using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sparkish.Rpc;

namespace Sparkish.Membership;

/// <summary>What nodes of a group tell each other; all goes from and to the endpoint <c>membership</c> of their envs.</summary>
internal interface IToMembership
{
    /// <summary>The node that sent it.</summary>
    RpcAddress From { get; }

    /// <summary>Which group and which process it is meant for.</summary>
    GroupLabel Label { get; init; }
}

/// <summary>Keeps groups apart: another group, or another process at an address that was used before, does not take what is not meant for it.</summary>
/// <param name="Group">The sender's group, <c>spark.membership.cluster</c>.</param>
/// <param name="Receiver">The incarnation of the env that is to read it; 0 for any.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GroupLabel(string? Group, long Receiver);

/// <summary>A message of membership.</summary>
internal abstract record MembershipMessage(RpcAddress From) : IToMembership
{
    public GroupLabel Label { get; init; }
}

/// <summary>News of a member, passed on with every message until enough have it.</summary>
/// <param name="Member">Whom it is about.</param>
/// <param name="Incarnation">Counted up by the member alone, each time that it speaks for itself.</param>
/// <param name="Status">What is said of it.</param>
/// <param name="By">Who says so: a suspicion counts once for each.</param>
/// <param name="Reason">Why, where it is no good news.</param>
/// <param name="IsRefused">Whether the suspicion is that the process is gone: its address refuses connections.</param>
/// <param name="Age">How long a member that is gone has been so, so that all forget it at about the same time.</param>
internal sealed record MemberRumor(
    Member Member, long Incarnation, MemberStatus Status, RpcAddress By, string Reason = "", bool IsRefused = false, TimeSpan Age = default);

// Any node to any other

/// <summary>Sent to see whether a node answers; answered by <see cref="Ack"/>.</summary>
internal sealed record Ping(RpcAddress From, long Number, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);

/// <summary>Answers a <see cref="Ping"/>, or tells that a node has answered the one that <see cref="PingRequest"/> asked for.</summary>
internal sealed record Ack(RpcAddress From, long Number, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);

/// <summary>
/// Sent to some when a node did not answer: each tries it, too, and tells by <see cref="Ack"/>, or by <see cref="Nack"/> when it has waited in vain.
/// </summary>
internal sealed record PingRequest(RpcAddress From, long Number, RpcAddress Target, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);

/// <summary>Tells that the asked-for node did not answer in time; that this one did says that the asker's own link is sound.</summary>
internal sealed record Nack(RpcAddress From, long Number) : MembershipMessage(From);

/// <summary>Sent to two others at once when a node is heard to be gone or leaves; answered by nothing.</summary>
internal sealed record News(RpcAddress From, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);

/// <summary>
/// Sent from time to time to compare views; answered by <see cref="FullState"/> when the hash differs, or by <see cref="News"/> while some is under way.
/// </summary>
internal sealed record Digest(RpcAddress From, ulong Hash) : MembershipMessage(From);

/// <summary>All that a node knows; also how a node joins. Answered by the like unless it is an answer.</summary>
internal sealed record FullState(RpcAddress From, bool IsAnswer, ImmutableArray<MemberRumor> Rumors) : MembershipMessage(From);
