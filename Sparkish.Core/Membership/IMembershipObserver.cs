namespace Sparkish.Membership;

/// <summary>
/// Receives what an <see cref="IMembershipProvider"/> sees, for one env. All members may be called from any thread; changes are told in the order of the calls.
/// </summary>
/// <remarks>
/// A change is about one incarnation, <see cref="Member.Uid"/>. A change of an incarnation that is no longer the one at its address is dropped, so a late
/// report of a
/// predecessor never reaches its successor. A <see cref="MemberUp"/> of another incarnation ends the one before with a <see cref="MemberDown"/>.
/// What changes nothing, such as a second <see cref="MemberSuspected"/>, is dropped too.
/// </remarks>
public interface IMembershipObserver
{
    /// <summary>Reports changes, in their order: <see cref="MemberUp"/>, <see cref="MemberSuspected"/>, <see cref="MemberDown"/>, <see cref="MemberLeft"/>.
    /// Their <see cref="MemberEvent.Version"/> is set here. Those of one call appear in <see cref="Nodes.ClusterMembership.Current"/> at once.</summary>
    void Report(params ReadOnlySpan<MemberEvent> changes);

    /// <summary>
    /// Reports that this node has joined: <see cref="Nodes.ClusterMembership.JoinedAsync"/> completes. Implied by the report of another member.
    /// </summary>
    void OnJoined();

    /// <summary>Reports that this node is no member any more: it left, or the provider gave up. Nothing that is reported later is told.</summary>
    void OnEnded();
}
