namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The kind of a watch, which determines the events that fire it and how it is set again after a reconnect.</summary>
internal enum WatchKind
{
    /// <summary>Set on an existing node: change of its data, or its deletion.</summary>
    Data,

    /// <summary>Set on a missing node: its creation.</summary>
    Existence,

    /// <summary>Change of the list of a node's children, or its deletion.</summary>
    Children,
}
