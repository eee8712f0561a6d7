namespace Sparkish.Membership;

/// <summary>One env's membership by an <see cref="IMembershipProvider"/>. All members may be called from any thread.</summary>
public interface IMembershipSession
{
    /// <summary>
    /// Tells other metadata of this node from now on. Every node, this one included, is to report a <see cref="MemberUp"/> with it. Completes when the change
    /// is
    /// under way; fails, as <see cref="LeaveAsync"/> completes, when the env stops.
    /// </summary>
    /// <param name="self">The same member with other metadata.</param>
    Task UpdateAsync(Member self);

    /// <summary>
    /// Leaves the group, so that the other nodes report <see cref="MemberLeft"/>. Completes when they were told, or after a bounded time. Calls
    /// <see cref="IMembershipObserver.OnEnded"/> before. Twice is harmless.
    /// </summary>
    Task LeaveAsync();

    /// <summary>
    /// The env stops without having left. The provider says good-bye as well as it can without delay, and releases what it holds. Called at most once, and not
    /// after
    /// <see cref="IMembershipObserver.OnEnded"/>.
    /// </summary>
    void OnEnvStopped();
}
