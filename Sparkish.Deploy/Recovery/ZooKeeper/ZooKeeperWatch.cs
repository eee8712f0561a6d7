namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// A one-time watch of a node: passed along with a request that reads the node, it fires at the first change after the state that the request returned. It
/// survives reconnects and ends with its session, which fires it, too. A failed request sets no watch.
/// </summary>
internal sealed class ZooKeeperWatch
{
    private readonly TaskCompletionSource<WatchEvent> _fired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<WatchEvent> Fired => _fired.Task;

    internal void Fire(WatchEvent seen) => _fired.TrySetResult(seen);
}
