namespace Sparkish.Membership;

/// <summary>
/// Receives the reports of an <see cref="IMembershipProvider"/> for one env. All members may be called from any thread; changes are published in the order of
/// the calls.
/// </summary>
/// <remarks>
/// A change concerns one incarnation, <see cref="Member.Uid"/>. A change of an incarnation that is no longer current at its address is dropped, so a late
/// report of a predecessor never reaches its successor. A <see cref="MemberUp"/> of another incarnation ends the previous one with a <see cref="MemberDown"/>.
/// Redundant changes, such as a second <see cref="MemberSuspected"/>, are dropped too.
/// </remarks>
public interface IMembershipObserver
{
    /// <summary>
    /// Reports changes, in their order: <see cref="MemberUp"/>, <see cref="MemberSuspected"/>, <see cref="MemberDown"/>, <see cref="MemberLeft"/>. Their
    /// <see cref="MemberEvent.Version"/> is set here. The changes of one call appear in <see cref="Nodes.ClusterMembership.Current"/> together.
    /// </summary>
    void Report(params ReadOnlySpan<MemberEvent> changes);

    /// <summary>
    /// Reports that this node has joined: <see cref="Nodes.ClusterMembership.JoinedAsync"/> completes. Implied by the report of another member.
    /// </summary>
    void OnJoined();

    /// <summary>Reports that this node is no longer a member: it left, or the provider stopped. Later reports are ignored.</summary>
    void OnEnded();
}
