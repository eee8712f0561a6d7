using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The single event of a watch.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WatchEvent(WatchEventType Type, string Path);

/// <summary>The change of a watched node.</summary>
internal enum WatchEventType
{
    /// <summary>The state of the node is unknown: the session has expired.</summary>
    SessionOver = -1,
    Created = 1,
    Deleted = 2,
    DataChanged = 3,
    ChildrenChanged = 4,
}
