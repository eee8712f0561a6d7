using Npgsql;
using Sparkish.Persistence;
using Sparkish.Tests.Conformance;

namespace Sparkish.Tests.Recovery;

/// <summary>Journals in PostgreSQL whose sessions, links, disks or servers fail.</summary>
internal sealed class PostgreSqlJournalFaultTests : PostgreSqlJournalTest
{
    [Test]
    public async Task Sessions_that_are_ended_are_replaced_and_no_event_is_lost_or_doubled()
    {
        const int Rounds = 30;
        var server = await PostgreSqlTestServer.GetAsync();
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        var journal = await store.OpenAsync("master");

        for (var round = 0; round < Rounds; round++)
        {
            var append = journal.AppendAsync([Event((2 * round) + 1), Event((2 * round) + 2)]).AsTask();
            await server.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DatabaseOf(connection)}'");
            Assert.That(await append.WaitAsync(Patience), Is.EqualTo(2 * (round + 1)));
        }

        Assert.That(await TextsAsync(journal, 0), Is.EqualTo(Enumerable.Range(1, 2 * Rounds).Select(i => $"event {i}")), "and reading, too");
    }

    [Test]
    public async Task Every_acknowledged_event_is_there_after_the_server_was_killed_while_it_was_appended_to()
    {
        await using var server = await PostgreSqlTestServer.StartOwnAsync();
        var connection = await server.CreateDatabaseAsync();
        var acknowledged = 0L;
        for (var round = 1; round <= 3; round++)
        {
            await using var store = New(connection);
            var journal = await store.OpenAsync("master");
            Assert.That(journal.LastSequence, Is.GreaterThanOrEqualTo(acknowledged));
            acknowledged = journal.LastSequence;
            var enough = acknowledged + 300;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var appending = AppendUntilFailureAsync(journal, sequence =>
            {
                acknowledged = sequence;
                if (sequence >= enough) reached.TrySetResult();
            });

            await reached.Task.WaitAsync(Patience);
            await server.KillAsync();
            var failure = await appending.WaitAsync(Patience);
            await server.StartAgainAsync();

            Assert.That(failure, Is.InstanceOf<JournalException>());
        }

        await using var last = New(connection);
        var texts = await TextsAsync(await last.OpenAsync("master"), 0);
        Assert.That(texts, Has.Count.GreaterThanOrEqualTo((int)acknowledged));
        Assert.That(texts, Is.EqualTo(Enumerable.Range(1, texts.Count).Select(i => $"event {i}")));
    }

    [Test]
    public async Task A_full_disk_is_told_and_of_the_batch_nothing_is_there()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var store = New(connection);
        var journal = await store.OpenAsync("master");
        await journal.AppendAsync([Event(1)]);
        await using var by = new NpgsqlConnection(connection);
        await by.OpenAsync();
        await ExecuteAsync(by, """
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON sparkish.events FOR EACH ROW WHEN (NEW.sequence = 3) EXECUTE FUNCTION fail();
            """);

        var failure = await FailureOfAsync(journal.AppendAsync([Event(2), Event(3)]).AsTask());
        var again = await store.OpenAsync("master");

        Assert.That(failure, Is.InstanceOf<JournalException>()
            .With.Message.EndsWith("the disk of the server is full; free space there, then start this again."));
        Assert.That(again.LastSequence, Is.EqualTo(1));
        Assert.That(await TextsAsync(again, 0), Is.EqualTo(new[] { "event 1" }));
    }

    [Test, Long]
    public async Task An_append_over_a_cut_link_fails_when_its_time_is_over()
    {
        var server = await PostgreSqlTestServer.GetAsync();
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var proxy = new LoopbackProxy();
        proxy.Start(server.Port);
        await using var store = New(new NpgsqlConnectionStringBuilder(connection) { Port = proxy.Port, CommandTimeout = 1 }.ConnectionString);
        await using var direct = New(connection);
        var journal = await store.OpenAsync("master", 1);
        await journal.AppendAsync([Event(1)]);

        proxy.Cut();
        var failure = await FailureOfAsync(journal.AppendAsync([Event(2)]).AsTask().WaitAsync(Patience));
        var next = await direct.OpenAsync("master", 2).AsTask().WaitAsync(Patience);

        Assert.That(failure, Is.InstanceOf<JournalException>().With.Message.Contains("it did not answer in time"));
        Assert.That(next.LastSequence, Is.InRange(1, 2));
    }

    [Test]
    public async Task Reading_is_told_of_a_server_that_is_killed_meanwhile()
    {
        await using var server = await PostgreSqlTestServer.StartOwnAsync();
        var connection = await server.CreateDatabaseAsync();
        await using var store = New(connection);
        var journal = await store.OpenAsync("master");
        for (var i = 0; i < 10; i++) await journal.AppendAsync([.. Enumerable.Range(1, 1_000).Select(_ => (ReadOnlyMemory<byte>)new byte[1_000])]);

        var read = 0L;
        var failure = await FailureOfAsync(ReadAllAsync());

        Assert.That(failure, Is.InstanceOf<JournalException>().With.Message.StartsWith("Cannot read journal 'master' in database 'db1' at 127.0.0.1:"));
        Assert.That(read, Is.InRange(1, 9_999));

        async Task ReadAllAsync()
        {
            await foreach (var entry in journal.ReadAsync(0))
            {
                read = entry.Sequence;
                if (read == 1) await server.KillAsync();
            }
        }
    }

    private static async Task<Exception> AppendUntilFailureAsync(IJournal journal, Action<long> acknowledged)
    {
        try
        {
            while (true) acknowledged(await journal.AppendAsync([Event((int)journal.LastSequence + 1)]));
        }
        catch (JournalException e)
        {
            return e;
        }
    }
}
