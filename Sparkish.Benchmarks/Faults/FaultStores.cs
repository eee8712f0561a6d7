using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Deploy.Recovery;
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
    public const string Raft = "raft";

    /// <summary>Akka.Persistence.Sql in PostgreSQL, with the election of the store for PostgreSQL.</summary>
    public const string Akka = "akka";

    /// <summary>The journal that all leaders write.</summary>
    public const string Journal = "leaders";

    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<string> All { get; } = [Files, PostgreSql, ZooKeeper, Akka, Raft];

    public static IJournalStore OpenStore(string kind, string connection) => kind switch
    {
        Files => new FileJournalStore(connection),
        PostgreSql => new PostgreSqlJournalStore(connection, "sparkish", TimeProvider.System, NullLogger.Instance),
        ZooKeeper => new ZooKeeperJournalStore(ZooKeeperOptions.From(connection, SessionTimeout), "/spark", TimeProvider.System, NullLogger.Instance),
        Akka => OpenAkka(connection),
        Raft when connection.Count(static c => c == '|') < 2 => new RaftReading(connection),
        Raft => RaftSlot.Of(connection),
        _ => throw new SparkException($"'{kind}' is not a store: give one of {string.Join(", ", All)}."),
    };

    public static ILeaderElection OpenElection(string kind, string connection) => kind switch
    {
        Files => new SingleLeaderElection(), // the lock of the journal decides
        PostgreSql or Akka => new PostgreSqlElection(connection, "sparkish", Journal, SessionTimeout, TimeProvider.System, NullLogger.Instance),
        Raft => RaftSlot.Of(connection),
        _ => new ZooKeeperElection(ZooKeeperOptions.From(connection, SessionTimeout), "/spark", TimeProvider.System, NullLogger.Instance),
    };

    private static IJournalStore OpenAkka(string connection)
    {
        var url = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "sparkish akka", Timeout = 5, CommandTimeout = 5 }.ConnectionString;
        var conf = new SparkConf(loadDefaults: false)
            .Set("spark.deploy.recoveryMode", "AKKA").Set("spark.deploy.akka.provider", "PostgreSQL.15").Set("spark.deploy.akka.url", url);
        return RecoveryMode.From(conf, TimeProvider.System, NullLoggerFactory.Instance).Journals;
    }
}
