namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// One look at a node until it changes: given along with a request that reads the node, it fires at the first change after what that request returned.
/// It outlives connections and ends with its session, which fires it, too. A request that fails sets no watch.
/// </summary>
internal sealed class ZooKeeperWatch
{
    private readonly TaskCompletionSource<WatchEvent> _fired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<WatchEvent> Fired => _fired.Task;

    internal void Fire(WatchEvent seen) => _fired.TrySetResult(seen);
}
