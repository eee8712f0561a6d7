#pragma warning disable MA0048 // the events belong together
namespace Sparkish.Membership;

/// <summary>
/// A change of the group, as one node sees it. Each node sees the changes of one member in an order that makes sense, not the same one as others do.
/// </summary>
/// <param name="Member">Whom it is about.</param>
public abstract record MemberEvent(Member Member)
{
    /// <summary>The version of the first <see cref="MembershipSnapshot"/> that has it: one more than the event before.</summary>
    public long Version { get; init; }
}

/// <summary>A node has joined, has spoken for itself after it was suspected or taken for dead, or tells something else of itself than before.</summary>
public sealed record MemberUp(Member Member) : MemberEvent(Member);

/// <summary>A node does not answer; followed by <see cref="MemberUp"/> or <see cref="MemberDown"/>.</summary>
/// <param name="Member">Whom it is about.</param>
/// <param name="By">Who missed its answer.</param>
/// <param name="Reason">What was missed, for an operator.</param>
public sealed record MemberSuspected(Member Member, Rpc.RpcAddress By, string Reason) : MemberEvent(Member);

/// <summary>A node is taken for dead: what it did is somebody else's now. It may come <see cref="MemberUp"/> again, with what it knew.</summary>
/// <param name="Member">Whom it is about.</param>
/// <param name="Reason">Why, for an operator: who suspected it of what, and who confirmed that.</param>
public sealed record MemberDown(Member Member, string Reason) : MemberEvent(Member);

/// <summary>A node has left on purpose.</summary>
public sealed record MemberLeft(Member Member) : MemberEvent(Member);
