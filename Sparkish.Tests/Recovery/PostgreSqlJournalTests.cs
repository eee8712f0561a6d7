using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery;

/// <summary>What the contract of journals does not ask of every store: rights and settings of a database, rows, openings.</summary>
internal sealed class PostgreSqlJournalTests : PostgreSqlJournalTest
{
    [Test]
    public async Task Many_stores_that_come_together_make_the_schema_once()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        var stores = Enumerable.Range(0, 8).Select(_ => New(connection)).ToList();

        var journals = await Task.WhenAll(stores.Select((store, i) => store.OpenAsync($"journal{i}").AsTask())).WaitAsync(Patience);

        Assert.That(await stores[0].ListAsync(), Is.EqualTo(Enumerable.Range(0, 8).Select(i => $"journal{i}")));
        Assert.That(journals.Select(journal => journal.Epoch), Is.All.EqualTo(1));
        foreach (var store in stores) await store.DisposeAsync();
    }

    [Test]
    public async Task Appends_that_overlap_keep_their_order_and_share_commits()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        var journal = await store.OpenAsync("busy");
        var before = await CommitsAsync(connection);

        var appends = Enumerable.Range(1, 2_000).Select(i => journal.AppendAsync([Event(i)]).AsTask()).ToList();
        var sequences = await Task.WhenAll(appends).WaitAsync(Patience);

        Assert.That(sequences, Is.EqualTo(Enumerable.Range(1, 2_000).Select(i => (long)i)));
        Assert.That(await TextsAsync(journal, 0), Is.EqualTo(Enumerable.Range(1, 2_000).Select(i => $"event {i}")));
        Assert.That(await CommitsAsync(connection) - before, Is.LessThan(500));
    }

    [Test]
    public async Task Nothing_is_appended_by_a_stale_writer_however_many_appends_it_has_under_way()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        await using var other = New(connection);
        var stale = await store.OpenAsync("master", 5);
        await stale.AppendAsync([Event(1)]);
        var fresh = await other.OpenAsync("master", 6);

        var appends = Enumerable.Range(2, 50).Select(i => stale.AppendAsync([Event(i)]).AsTask()).ToList();
        var failures = await Task.WhenAll(appends.Select(FailureOfAsync)).WaitAsync(Patience);
        var snapshot = await FailureOfAsync(stale.SaveSnapshotAsync(new JournalSnapshot(1, Event(1))).AsTask());
        var next = await fresh.AppendAsync([Encoding.UTF8.GetBytes("of the new leader")]);

        Assert.That(failures, Is.All.InstanceOf<StaleEpochException>());
        Assert.That(snapshot, Is.InstanceOf<StaleEpochException>());
        Assert.That(((StaleEpochException)failures[^1]!).Current, Is.EqualTo(6));
        Assert.That(next, Is.EqualTo(2));
        Assert.That(await TextsAsync(fresh, 0), Is.EqualTo(new[] { "event 1", "of the new leader" }));
    }

    [Test]
    public async Task A_writer_that_froze_in_the_middle_of_an_append_does_not_keep_the_next_one_out()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        await store.OpenAsync("master", 1);
        await using var frozen = new NpgsqlConnection(connection);
        await frozen.OpenAsync();
        await using var open = await frozen.BeginTransactionAsync();
        await ExecuteAsync(frozen, "UPDATE sparkish.journals SET last_sequence = last_sequence + 1");

        var next = await store.OpenAsync("master", 2).AsTask().WaitAsync(Patience);

        Assert.That(next.LastSequence, Is.Zero);
        Assert.That(await next.AppendAsync([Event(1)]), Is.EqualTo(1));
    }

    [Test]
    public async Task A_stale_claim_ends_nobodys_session()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        await store.OpenAsync("master", 3);
        await using var slow = new NpgsqlConnection(connection);
        await slow.OpenAsync();
        await using var open = await slow.BeginTransactionAsync();
        await ExecuteAsync(slow, "UPDATE sparkish.journals SET last_sequence = last_sequence + 1");

        var refused = await FailureOfAsync(store.OpenAsync("master", 3).AsTask());
        await open.CommitAsync();

        Assert.That(refused, Is.InstanceOf<StaleEpochException>());
    }

    [Test]
    public async Task A_closed_journal_is_opened_again_under_its_epoch_by_the_same_store_alone()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        await using var other = New(connection);
        var first = await store.OpenAsync("master", 4);
        await first.AppendAsync([Event(1)]);

        var whileOpen = await FailureOfAsync(store.OpenAsync("master", 4).AsTask());
        await first.DisposeAsync();
        var byAnother = await FailureOfAsync(other.OpenAsync("master", 4).AsTask());
        var again = await store.OpenAsync("master", 4);
        await again.AppendAsync([Event(2)]);

        Assert.That(whileOpen, Is.InstanceOf<StaleEpochException>());
        Assert.That(byAnother, Is.InstanceOf<StaleEpochException>());
        Assert.That((again.Epoch, again.LastSequence), Is.EqualTo((4, 2)));
        Assert.That(await TextsAsync(again, 0), Is.EqualTo(new[] { "event 1", "event 2" }));
    }

    [Test]
    public async Task A_thousand_journals_share_a_few_connections()
    {
        const int Count = 1_000;
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);

        var journals = await Task.WhenAll(Enumerable.Range(0, Count).Select(i => OpenAndReadAsync($"journal{i}"))).WaitAsync(3 * Patience);
        var sequences = await Task.WhenAll(journals.Select(journal => journal.AppendAsync([Event(1)]).AsTask())).WaitAsync(3 * Patience);
        await using var by = new NpgsqlConnection(connection);
        await by.OpenAsync();
        await using var count = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sparkish journal' AND datname = current_database()", by);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(sequences, Is.All.EqualTo(1));
            Assert.That((await store.ListAsync()).Count, Is.EqualTo(Count));
            Assert.That((long)(await count.ExecuteScalarAsync())!, Is.LessThanOrEqualTo(14));
        }

        async Task<IJournal> OpenAndReadAsync(string name)
        {
            var journal = await store.OpenAsync(name);
            Assert.That(await journal.ReadSnapshotAsync(), Is.Null);
            Assert.That(await TextsAsync(journal, 0), Is.Empty);
            return journal;
        }
    }

    [Test]
    public async Task Commits_are_on_disk_before_they_are_acknowledged_whatever_the_database_says()
    {
        var server = await PostgreSqlTestServer.GetAsync();
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await server.ExecuteAsync($"ALTER DATABASE {DatabaseOf(connection)} SET synchronous_commit = off");
        await server.ExecuteAsync($"ALTER DATABASE {DatabaseOf(connection)} SET default_transaction_isolation = 'serializable'");
        await server.ExecuteAsync($"ALTER DATABASE {DatabaseOf(connection)} SET idle_session_timeout = '1s'");
        var database = new PostgreSqlDatabase(connection, "sparkish");

        await using var pool = database.CreatePool(NullLogger.Instance);
        await using var session = database.CreateSession("test", TimeSpan.FromSeconds(3));
        await session.OpenAsync();

        await using var pooled = await pool.WriteAsync(CancellationToken.None);
        Assert.That(await SettingsAsync(pooled.Connection), Is.EqualTo(new[] { "on", "read committed", "0" }));
        Assert.That(await SettingsAsync(session), Is.EqualTo(new[] { "on", "read committed", "3s" }));
    }

    [Test]
    public async Task Reading_goes_on_undisturbed_while_events_are_truncated()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        var journal = await store.OpenAsync("master");
        await journal.AppendAsync([.. Enumerable.Range(1, 3_000).Select(i => (ReadOnlyMemory<byte>)Event(i))]);

        var read = new List<long>();
        await foreach (var entry in journal.ReadAsync(0))
        {
            read.Add(entry.Sequence);
            if (entry.Sequence != 10) continue;
            await journal.SaveSnapshotAsync(new JournalSnapshot(2_990, Event(0)));
            await journal.TruncateAsync(2_990);
        }

        Assert.That(read, Is.EqualTo(Enumerable.Range(1, 3_000).Select(i => (long)i)));
        Assert.That(await TextsAsync(journal, 0), Is.EqualTo(Enumerable.Range(2_991, 10).Select(i => $"event {i}")));
        Assert.That(async () => await TextsAsync(journal, 100), Throws.InstanceOf<JournalException>()
            .With.Message.Contains("was deleted after a snapshot"));
    }

    [Test]
    public async Task A_journal_whose_events_are_all_truncated_goes_on_behind_its_snapshot()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        var journal = await store.OpenAsync("master");
        await journal.AppendAsync([Event(1), Event(2)]);
        await journal.SaveSnapshotAsync(new JournalSnapshot(2, Event(0)));
        await journal.TruncateAsync(2);

        var before = await TextsAsync(journal, 0);
        await journal.AppendAsync([Event(3)]);

        Assert.That(before, Is.Empty);
        Assert.That(await TextsAsync(journal, 2), Is.EqualTo(new[] { "event 3" }));
    }

    [Test]
    public async Task A_reader_that_gives_up_early_leaves_the_store_in_order()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection + ";Maximum Pool Size=2");
        var journal = await store.OpenAsync("master");
        await journal.AppendAsync([.. Enumerable.Range(1, 5_000).Select(i => (ReadOnlyMemory<byte>)Event(i))]);

        var seen = new List<long>();
        for (var i = 0; i < 10; i++) seen.Add((await journal.ReadAsync(i * 100).FirstAsync()).Sequence);

        Assert.That(seen, Is.EqualTo(Enumerable.Range(0, 10).Select(i => (i * 100L) + 1)));
    }

    [Test]
    public async Task Events_that_somebody_removed_are_missed()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        var journal = await store.OpenAsync("master");
        await journal.AppendAsync([Event(1), Event(2), Event(3)]);
        await using var by = new NpgsqlConnection(connection);
        await by.OpenAsync();

        await ExecuteAsync(by, "DELETE FROM sparkish.events WHERE sequence = 2");
        var middle = Assert.CatchAsync(async () => await TextsAsync(journal, 0));
        await ExecuteAsync(by, "DELETE FROM sparkish.events WHERE sequence = 3");
        var end = Assert.CatchAsync(async () => await TextsAsync(journal, 1));
        await ExecuteAsync(by, "UPDATE sparkish.journals SET last_sequence = 1");
        var append = await FailureOfAsync(journal.AppendAsync([Event(4)]).AsTask());

        Assert.That(middle, Is.InstanceOf<JournalCorruptException>().With.Message.StartsWith("Event 2 of journal 'master' in database '"));
        Assert.That(end, Is.InstanceOf<JournalCorruptException>());
        Assert.That(append, Is.InstanceOf<JournalCorruptException>().With.Message.Contains("ends with event 1, but epoch 1 and event 3 were acknowledged"));
    }

    private static async Task<long> CommitsAsync(string connection)
    {
        await using var reading = new NpgsqlConnection(connection);
        await reading.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_current_xact_id()::text::bigint", reading);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<string[]> SettingsAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            "SELECT ARRAY[current_setting('synchronous_commit'), current_setting('default_transaction_isolation'), current_setting('idle_session_timeout')]",
                connection);
        return (string[])(await command.ExecuteScalarAsync())!;
    }
}
