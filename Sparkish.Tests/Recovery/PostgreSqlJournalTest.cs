using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery;

/// <summary>A test of journals in PostgreSQL: how it opens a store, makes events and reads them.</summary>
internal abstract class PostgreSqlJournalTest
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    protected static PostgreSqlJournalStore New(string connection) => new(connection, "sparkish", TimeProvider.System, NullLogger.Instance);

    protected static byte[] Event(int i) => Encoding.UTF8.GetBytes($"event {i}");

    protected static string DatabaseOf(string connection) => new NpgsqlConnectionStringBuilder(connection).Database!;

    protected static async Task<List<string>> TextsAsync(IJournalReader journal, long after) =>
        await journal.ReadAsync(after).Select(entry => Encoding.UTF8.GetString(entry.Payload.Span)).ToListAsync();

    protected static async Task<Exception?> FailureOfAsync(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception e) when (e is not AssertionException)
        {
            return e;
        }
    }

    protected static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
