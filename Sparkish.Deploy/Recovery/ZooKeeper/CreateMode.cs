namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The lifetime of a node, and whether its name gets a number.</summary>
[Flags]
internal enum CreateMode
{
    Persistent = 0,

    /// <summary>The node is deleted with its session.</summary>
    Ephemeral = 1,

    /// <summary>Ten digits follow the name, larger than those of any earlier sibling.</summary>
    Sequential = 2,
}
