using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Cli;

/// <summary>Where <c>sparkish journal</c> looks: exactly one kind of store.</summary>
internal sealed class JournalSource(string? directory, string? postgreSql, SparkConf settings)
{
    /// <exception cref="UsageException">Not exactly one store was given, or what was given is none.</exception>
    /// <exception cref="SparkException">The directory is not there.</exception>
    public IJournalStore Open() => (directory, postgreSql) switch
    {
        ({ } path, null) => OpenDirectory(path),
        (null, { } connection) => OpenPostgreSql(connection),
        _ => throw new UsageException("Give one of --directory and --postgresql: where the journals are."),
    };

    private static FileJournalStore OpenDirectory(string path) => Directory.Exists(path)
        ? new FileJournalStore(path)
        : throw new SparkException($"The directory '{path}' does not exist: give the one that journals are kept in.");

    private PostgreSqlJournalStore OpenPostgreSql(string connection)
    {
        try
        {
            return new PostgreSqlJournalStore(connection, settings.Get(RecoveryKeys.PostgreSqlSchema), TimeProvider.System, NullLogger.Instance);
        }
        catch (ArgumentException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
