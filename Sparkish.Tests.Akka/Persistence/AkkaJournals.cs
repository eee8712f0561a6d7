using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Deploy.Recovery;
using Sparkish.Persistence;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary>Stores of these tests, as <c>spark.deploy.recoveryMode=AKKA</c> makes them: each has an actor system of its own, as a process has.</summary>
internal static class AkkaJournals
{
    public const string Sqlite = "SQLite.MS";
    public const string PostgreSql = "PostgreSQL.15";

    public static string SqliteUrl(TemporaryDirectory directory) => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(directory.Path, "journals.db"),
        Pooling = false, // an open file would outlive the test
    }.ConnectionString;

    public static SparkConf Conf(string provider, string url, params (string Key, string Value)[] more) => more.Aggregate(
        new SparkConf(loadDefaults: false).Set("spark.deploy.recoveryMode", "AKKA").Set("spark.deploy.akka.provider", provider).Set("spark.deploy.akka.url", url),
        static (conf, setting) => conf.Set(setting.Key, setting.Value));

    public static IJournalStore Open(string provider, string url, params (string Key, string Value)[] more) =>
        RecoveryMode.From(Conf(provider, url, more), TimeProvider.System, NullLoggerFactory.Instance).Journals;

    public static IJournalStore Open(string provider, string url, AppendLimits limits, string prefix = "sparkish") => Open(provider, url,
        ("spark.journal.maxWaitingBytes", $"{limits.MaxWaitingBytes}b"), ("spark.journal.maxWaitingAppends", $"{limits.MaxWaitingAppends}"),
        ("spark.deploy.akka.prefix", prefix));

    /// <summary>The rows of Akka.Persistence.Sql's own tables.</summary>
    public static async Task ExecuteAsync(string provider, string url, string sql)
    {
        await using System.Data.Common.DbConnection connection = provider == Sqlite ? new SqliteConnection(url) : new NpgsqlConnection(url);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of the tests
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of rows of Akka.Persistence.Sql's own tables, as text.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(string provider, string url, string sql)
    {
        await using System.Data.Common.DbConnection connection = provider == Sqlite ? new SqliteConnection(url) : new NpgsqlConnection(url);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of the tests
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        List<string> values = [];
        while (await reader.ReadAsync()) values.Add(string.Create(CultureInfo.InvariantCulture, $"{reader.GetValue(0)}"));
        return values;
    }

    /// <summary>An actor system with Akka.Persistence.Sql, as an application configures it.</summary>
    public static ActorSystem NewSystem(string provider, string url)
    {
        var connection = $"connection-string = \"{url.Replace("\"", "\\\"", StringComparison.Ordinal)}\", provider-name = \"{provider}\"";
        return ActorSystem.Create("application", ConfigurationFactory.ParseString($$"""
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              persistence {
                journal-plugin-fallback { replay-filter.mode = off, circuit-breaker.reset-timeout = 1s }
                journal { plugin = akka.persistence.journal.sql
                  sql { class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql", {{connection}} } }
                snapshot-store { plugin = akka.persistence.snapshot-store.sql
                  sql { class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql", {{connection}} } }
              }
            }
            """));
    }
}
