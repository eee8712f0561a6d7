using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Persistence;
using Sparkish.Tests.Persistence;

namespace Sparkish.Tests.Recovery;

/// <summary>The contract on a real server, each test in a schema of its own.</summary>
internal sealed class PostgreSqlJournalContractTests : JournalContract
{
    private readonly string _schema = $"contract_{Guid.NewGuid():N}";
    private string _connection = "";

    protected override async Task PrepareAsync() => _connection = await PostgreSqlTestServer.SharedDatabaseAsync();

    protected override IJournalStore NewStore(AppendLimits limits) =>
        new PostgreSqlJournalStore(_connection, _schema, TimeProvider.System, NullLogger.Instance, limits);

    protected override Task<IJournalStore> OtherAsync(IJournalStore store) => Task.FromResult(NewStore(AppendLimits.Default));

    protected override async Task CleanUpAsync()
    {
        if (_connection.Length == 0) return; // The test was skipped.
        await using var connection = new NpgsqlConnection(_connection);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"DROP SCHEMA IF EXISTS {_schema} CASCADE", connection);
        await command.ExecuteNonQueryAsync();
    }
}
