using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>What happened to a watched node.</summary>
internal enum WatchEventType
{
    /// <summary>Nothing is known of the node: the session is over.</summary>
    SessionOver = -1,
    Created = 1,
    Deleted = 2,
    DataChanged = 3,
    ChildrenChanged = 4,
}

/// <summary>What a watch saw, once.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WatchEvent(WatchEventType Type, string Path);

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
