using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Benchmarks.Faults;

/// <summary>The stores that candidates use, by name.</summary>
internal static class FaultStores
{
    public const string Files = "files";
    public const string PostgreSql = "postgresql";
    public const string ZooKeeper = "zookeeper";

    /// <summary>The journal that all leaders write.</summary>
    public const string Journal = "leaders";

    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<string> All { get; } = [Files, PostgreSql, ZooKeeper];

    public static IJournalStore OpenStore(string kind, string connection) => kind switch
    {
        Files => new FileJournalStore(connection),
        PostgreSql => new PostgreSqlJournalStore(connection, "sparkish", TimeProvider.System, NullLogger.Instance),
        ZooKeeper => new ZooKeeperJournalStore(ZooKeeperOptions.From(connection, SessionTimeout), "/spark", TimeProvider.System, NullLogger.Instance),
        _ => throw new SparkException($"'{kind}' is not a store: give one of {string.Join(", ", All)}."),
    };

    public static ILeaderElection OpenElection(string kind, string connection) => kind switch
    {
        Files => new SingleLeaderElection(), // the lock of the journal decides
        PostgreSql => new PostgreSqlElection(connection, "sparkish", Journal, SessionTimeout, TimeProvider.System, NullLogger.Instance),
        _ => new ZooKeeperElection(ZooKeeperOptions.From(connection, SessionTimeout), "/spark", TimeProvider.System, NullLogger.Instance),
    };
}
