using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Benchmarks.Faults;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.Leaders;

/// <summary>The stores that a leader's process can use, by name.</summary>
internal static class LeaderStores
{
    public const string Name = "leaders";

    public static (IJournalStore Store, ILeaderElection Election) Open(string kind, string connection) => kind switch
    {
        "postgresql" =>
            (OpenPostgreSql(connection),
                new PostgreSqlElection(connection, "sparkish", Name, TimeSpan.FromSeconds(3), TimeProvider.System, NullLogger.Instance)),
        "zookeeper" => (OpenZooKeeper(connection), new ZooKeeperElection(ZooKeeper(connection), "/spark", TimeProvider.System, NullLogger.Instance)),
        "raft" => (RaftSlot.Of(connection), RaftSlot.Of(connection)),
        _ => throw new ArgumentException($"'{kind}' is no store of leaders.", nameof(kind)),
    };

    public static ZooKeeperJournalStore OpenZooKeeper(string connection) => new(ZooKeeper(connection), "/spark", TimeProvider.System, NullLogger.Instance);

    private static ZooKeeperOptions ZooKeeper(string connection) => ZooKeeperOptions.From(connection, TimeSpan.FromSeconds(3), credentials: "");

    public static PostgreSqlJournalStore OpenPostgreSql(string connection) => new(connection, "sparkish", TimeProvider.System, NullLogger.Instance);
}
