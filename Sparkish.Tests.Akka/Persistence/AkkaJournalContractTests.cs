#pragma warning disable MA0048 // one contract on two databases
using Sparkish.Persistence;
using Sparkish.Tests.Persistence;
using Sparkish.Tests.Recovery;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary>The contract of journals on Akka.Persistence.Sql with SQLite, each test on a file of its own.</summary>
internal sealed class SqliteAkkaJournalContractTests : JournalContract, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    protected override Task PrepareAsync() => Task.CompletedTask;

    protected override IJournalStore NewStore(AppendLimits limits) => AkkaJournals.Open(AkkaJournals.Sqlite, AkkaJournals.SqliteUrl(_directory), limits);

    protected override Task<IJournalStore> OtherAsync(IJournalStore store) => Task.FromResult(NewStore(AppendLimits.Default));

    public void Dispose() => _directory.Dispose();
}

/// <summary>The contract of journals on Akka.Persistence.Sql with a real PostgreSQL server, each test with a prefix of its own.</summary>
[Long]
internal sealed class PostgreSqlAkkaJournalContractTests : JournalContract
{
    private readonly string _prefix = $"contract-{Guid.NewGuid():N}";
    private string _connection = "";

    protected override async Task PrepareAsync() => _connection = await PostgreSqlTestServer.SharedDatabaseAsync();

    protected override IJournalStore NewStore(AppendLimits limits) => AkkaJournals.Open(AkkaJournals.PostgreSql, _connection, limits, _prefix);

    protected override Task<IJournalStore> OtherAsync(IJournalStore store) => Task.FromResult(NewStore(AppendLimits.Default));
}
