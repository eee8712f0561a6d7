namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>How long a node stays, and whether its name gets a number.</summary>
[Flags]
internal enum CreateMode
{
    Persistent = 0,

    /// <summary>The node goes with its session.</summary>
    Ephemeral = 1,

    /// <summary>Ten digits follow the name, more than those of any sibling before.</summary>
    Sequential = 2,
}
