#pragma warning disable MA0048 // the events belong together
namespace Sparkish.Membership;

/// <summary>
/// A change of the group, as seen by one node. Each node sees the changes of one member in a consistent order, but not necessarily in the same order as others.
/// </summary>
/// <param name="Member">The member that changed.</param>
public abstract record MemberEvent(Member Member)
{
    /// <summary>The version of the first <see cref="MembershipSnapshot"/> that includes it: one more than the previous event.</summary>
    public long Version { get; init; }
}

/// <summary>A node has joined, has refuted its suspicion or death, or has changed its metadata.</summary>
public sealed record MemberUp(Member Member) : MemberEvent(Member);

/// <summary>A node does not reply; followed by <see cref="MemberUp"/> or <see cref="MemberDown"/>.</summary>
/// <param name="Member">The suspected member.</param>
/// <param name="By">The node that missed its reply.</param>
/// <param name="Reason">The missed reply, for an operator.</param>
public sealed record MemberSuspected(Member Member, Rpc.RpcAddress By, string Reason) : MemberEvent(Member);

/// <summary>A node is considered dead: its work belongs to other nodes now. It may come <see cref="MemberUp"/> again, with its old state.</summary>
/// <param name="Member">The dead member.</param>
/// <param name="Reason">The reason, for an operator: which node suspected it of what, and which nodes confirmed that.</param>
public sealed record MemberDown(Member Member, string Reason) : MemberEvent(Member);

/// <summary>A node has left deliberately.</summary>
public sealed record MemberLeft(Member Member) : MemberEvent(Member);
