using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>What a journal's caller is told of ZooKeeper's refusals.</summary>
internal static class JournalFailures
{
    public static JournalException From(string journal, ZooKeeperException cause) =>
        new($"The journal '{journal}' in ZooKeeper failed: {cause.Message}", cause);
}
