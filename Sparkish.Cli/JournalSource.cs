using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Cli;

/// <summary>The source of <c>sparkish journal</c>: exactly one kind of store.</summary>
internal sealed class JournalSource(string? directory, string? postgreSql, string? zooKeeper, SparkConf settings)
{
    /// <exception cref="UsageException">The options name no store, several, or an invalid one.</exception>
    /// <exception cref="SparkException">The directory does not exist.</exception>
    public IJournalStore Open() => (directory, postgreSql, zooKeeper) switch
    {
        ({ } path, null, null) => OpenDirectory(path),
        (null, { } connection, null) => OpenPostgreSql(connection),
        (null, null, { } servers) => OpenZooKeeper(servers),
        _ => throw new UsageException("The store of the journals is missing: give --directory, --postgresql or --zookeeper."),
    };

    private static FileJournalStore OpenDirectory(string path) => Directory.Exists(path)
        ? new FileJournalStore(path)
        : throw new SparkException($"The directory '{path}' does not exist: give the directory of the journals.");

    private PostgreSqlJournalStore OpenPostgreSql(string connection)
    {
        try
        {
            var url = RecoveryMode.PostgreSqlConnectionOf(connection, settings);
            return new PostgreSqlJournalStore(url, settings.Get(RecoveryKeys.PostgreSqlSchema), TimeProvider.System, NullLogger.Instance);
        }
        catch (ArgumentException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private ZooKeeperJournalStore OpenZooKeeper(string servers)
    {
        var options = RecoveryMode.ZooKeeperOptionsOf(servers, settings);
        return new ZooKeeperJournalStore(options, settings.Get(RecoveryKeys.ZooKeeperDir), TimeProvider.System, NullLogger.Instance);
    }
}
