namespace Sparkish.Membership;

/// <summary>One env's membership by an <see cref="IMembershipProvider"/>. All members may be called from any thread.</summary>
public interface IMembershipSession
{
    /// <summary>
    /// Changes the metadata of this node. Every node, including this one, must report a <see cref="MemberUp"/> with it. Completes when the change has been
    /// sent; fails, as <see cref="LeaveAsync"/> completes, when the env stops.
    /// </summary>
    /// <param name="self">The same member with other metadata.</param>
    Task UpdateAsync(Member self);

    /// <summary>
    /// Leaves the group, so that the other nodes report <see cref="MemberLeft"/>. Completes when they were notified, or after a bounded time. Calls
    /// <see cref="IMembershipObserver.OnEnded"/> before. Calling it twice is harmless.
    /// </summary>
    Task LeaveAsync();

    /// <summary>
    /// Called when the env stops without having left. The provider announces its departure as far as possible without delay, and releases its resources. Called
    /// at most once, and not after <see cref="IMembershipObserver.OnEnded"/>.
    /// </summary>
    void OnEnvStopped();
}
