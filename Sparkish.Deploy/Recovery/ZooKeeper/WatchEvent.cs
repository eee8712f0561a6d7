using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>What a watch saw, once.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WatchEvent(WatchEventType Type, string Path);

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
