using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Akka.Persistence;
using Sparkish.Persistence;
using Sparkish.Tests.Recovery;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary>A database server that is away for a while, or whose connections break.</summary>
internal sealed class AkkaJournalOutageTests
{
    [Test]
    public async Task A_server_that_is_down_at_the_start_fails_what_is_asked_and_is_used_once_it_is_up()
    {
        await using var server = await PostgreSqlTestServer.StartOwnAsync();
        var url = await server.CreateDatabaseAsync();
        await server.StopAsync();
        using var system = AkkaJournals.NewSystem(AkkaJournals.PostgreSql, url);
        await using var store = new AkkaJournalStore(
            system, new AkkaJournalOptions { Timeout = TimeSpan.FromSeconds(3) }, TimeProvider.System, NullLogger.Instance);

        var error = Assert.CatchAsync<JournalException>(async () => await store.OpenAsync("master"));
        await server.StartAgainAsync();
        await using var journal = await UntilItWorksAsync(store);

        Assert.That(error!.ToString(), Does.Contain("akka.persistence.journal.sql").And.Not.Contain(new NpgsqlConnectionStringBuilder(url).Password));
        Assert.That(await journal.AppendAsync([new byte[1]]), Is.EqualTo(1));
    }

    [Test]
    public async Task Through_a_server_that_is_killed_and_connections_that_break_every_acknowledged_event_is_there_once()
    {
        await using var server = await PostgreSqlTestServer.StartOwnAsync();
        var url = await server.CreateDatabaseAsync();
        using var system = AkkaJournals.NewSystem(AkkaJournals.PostgreSql, url);
        await using var store = new AkkaJournalStore(
            system, new AkkaJournalOptions { Timeout = TimeSpan.FromSeconds(5) }, TimeProvider.System, NullLogger.Instance);
        var (acknowledged, number) = (new List<string>(), 0);

        for (var round = 0; round < 3; round++)
        {
            var journal = await UntilItWorksAsync(store);
            for (var i = 0; i < 3; i++) await AppendAsync(journal);
            var pending = Enumerable.Range(0, 3).Select(_ => AppendAsync(journal)).ToList();
            if (round == 1) await server.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL");
            else await server.KillAsync();
            if (round != 1) await server.StartAgainAsync();
            foreach (var append in pending) await ((Task)append).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await journal.DisposeAsync();
        }

        await using var last = await UntilItWorksAsync(store);
        var found = await last.ReadAsync(0).Select(static entry => Encoding.UTF8.GetString(entry.Payload.Span)).ToListAsync();
        Assert.That(found, Is.Unique.And.SupersetOf(acknowledged));
        Assert.That(acknowledged, Has.Count.GreaterThanOrEqualTo(9));

        async Task AppendAsync(IJournal journal)
        {
            var text = $"event {Interlocked.Increment(ref number)}";
            await journal.AppendAsync([Encoding.UTF8.GetBytes(text)]);
            lock (acknowledged) acknowledged.Add(text);
        }
    }

    /// <summary>As an endpoint's supervision does: opens again until the store is there.</summary>
    private static async Task<IJournal> UntilItWorksAsync(AkkaJournalStore store)
    {
        using var patience = new CancellationTokenSource(AkkaEnvs.Patience);
        while (true)
        {
            try
            {
                return await store.OpenAsync("master", epoch: null, patience.Token);
            }
            catch (JournalException error) when (error is not JournalCorruptException)
            {
                // The server is not up yet.
            }
        }
    }
}
