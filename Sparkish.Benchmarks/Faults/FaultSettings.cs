#pragma warning disable MA0048 // the settings belong together
namespace Sparkish.Benchmarks.Faults;

/// <summary>How a run strikes.</summary>
/// <param name="Seed">The seed of its faults.</param>
/// <param name="IsHarsh">Whether it strikes with full disks and restarts of servers only, one after the other without a pause.</param>
/// <param name="ZooKeeperDisks">What fills up under ZooKeeper, and what follows.</param>
/// <param name="Evidence">Where the files of ZooKeeper's servers are kept at the end; null for nowhere.</param>
internal sealed record FaultSettings(int Seed, bool IsHarsh, ZooKeeperDisks ZooKeeperDisks, string? Evidence);

/// <summary>Which disks of ZooKeeper's servers fill up, and what becomes of a server whose disk was full.</summary>
internal enum ZooKeeperDisks
{
    /// <summary>One at a time. Its server is stopped, emptied and rebuilt by the others, as docs/persistence.md asks for.</summary>
    Rebuild,

    /// <summary>One at a time. Its server goes on with the files that it has.</summary>
    Keep,

    /// <summary>All at once, as on a disk that they share. The servers go on with the files that they have.</summary>
    Shared,
}
