namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>What a watch waits for, which says which events fire it and under which heading it is set again after a reconnect.</summary>
internal enum WatchKind
{
    /// <summary>Set on a node that is there: its data or its end.</summary>
    Data,

    /// <summary>Set on a node that is not there: its creation.</summary>
    Existence,

    /// <summary>The list of a node's children, or its end.</summary>
    Children,
}
