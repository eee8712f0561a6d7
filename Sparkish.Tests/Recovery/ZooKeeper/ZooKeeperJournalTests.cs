using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>What is special about journals in ZooKeeper: outcomes that are not known, parts, groups, strangers among the nodes.</summary>
[TestFixture]
internal sealed class ZooKeeperJournalTests : ZooKeeperTest
{
    private const string Head = "/spark/journals/master";

    [Test]
    public async Task An_append_whose_acknowledgement_was_lost_is_acknowledged_after_all_and_done_once()
    {
        var gate = Gate();
        var journal = await Store(gate.Url).OpenAsync("master");
        var reader = await Store().OpenReaderAsync("master");
        gate.HoldReplies();

        var append = journal.AppendAsync(Events(1, 2)).AsTask();
        await ThereAsync(reader, 2);
        Assert.That(append.IsCompleted, Is.False);
        gate.Break();
        gate.Release();

        Assert.That(await append.WaitAsync(Patience), Is.EqualTo(2));
        Assert.That(await journal.AppendAsync(Events(3, 1)).AsTask().WaitAsync(Patience), Is.EqualTo(3));
        Assert.That(await TextsAsync(reader), Is.EqualTo(Names(1, 3)));
    }

    [TestCase(100)]
    [TestCase(400, Category = LongAttribute.Category)]
    public async Task Through_connections_that_break_again_and_again_every_event_is_appended_once(int count)
    {
        var gate = Gate();
        var journal = await Store(gate.Url).OpenAsync("master");

        var appends = Task.Run(async () =>
        {
            var numbers = new List<Task<long>>();
            for (var i = 0; i < count; i++)
            {
                numbers.Add(journal.AppendAsync(Events(i + 1, 1, i % 50 == 0 ? 300_000 : 0)).AsTask());
                if (i % 5 == 0) await numbers[^1];
            }

            return await Task.WhenAll(numbers);
        });
        while (!appends.IsCompleted)
        {
            gate.Break();
            await Task.WhenAny(appends, gate.AcceptedAsync(gate.Accepted + 1)).WaitAsync(Patience);
            await Task.WhenAny(appends, ThereAsync(journal, journal.LastSequence + 3)).WaitAsync(Patience);
        }

        Assert.That(await appends, Is.EqualTo(Enumerable.Range(1, count).Select(i => (long)i)));
        Assert.That(await TextsAsync(await Store().OpenReaderAsync("master")), Is.EqualTo(Names(1, count)));
        Assert.That(gate.Accepted, Is.GreaterThan(2), "it broke in between");
    }

    [Test]
    public async Task A_journal_outlives_its_session()
    {
        var gate = Gate();
        var journal = await Store(gate.Url, sessionSeconds: 1).OpenAsync("master");
        await journal.AppendAsync(Events(1, 1));
        var client = Client();
        var marker = Client(Options(gate.Url, sessionSeconds: 1.5));
        await marker.CreateAsync("/marker", default, CreateMode.Ephemeral);
        await client.SyncAsync("/");
        var gone = new ZooKeeperWatch();
        await client.ExistsAsync("/marker", gone);

        gate.Cut();
        await gone.Fired.WaitAsync(Patience);
        gate.Mend();

        await marker.SessionOver.WaitAsync(Patience);
        Assert.That(await journal.AppendAsync(Events(2, 1)).AsTask().WaitAsync(Patience), Is.EqualTo(2));
        Assert.That(await TextsAsync(journal), Is.EqualTo(Names(1, 2)));
    }

    [Test]
    public async Task Without_servers_an_append_fails_and_the_journal_takes_nothing_until_it_is_opened_again()
    {
        var gate = Gate();
        var store = Store(gate.Url, sessionSeconds: 1);
        var journal = await store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 1));
        gate.Cut();

        var failed = Assert.CatchAsync<JournalException>(async () => await journal.AppendAsync(Events(2, 1)).AsTask().WaitAsync(Patience));
        gate.Mend();

        Assert.That(failed!.Message, Does.Contain("spark.deploy.zookeeper.url"));
        Assert.That(async () => await journal.AppendAsync(Events(3, 1)), Throws.TypeOf<JournalException>());
        await journal.DisposeAsync();
        journal = await store.OpenAsync("master");
        Assert.That(await TextsAsync(journal), Is.EqualTo(Names(1, 1)));
        Assert.That(await journal.AppendAsync(Events(2, 1)), Is.EqualTo(2));
    }

    [Test]
    public async Task A_leader_that_was_cut_off_is_told_that_it_is_stale_when_it_is_back()
    {
        var gate = Gate();
        var old = await Store(gate.Url).OpenAsync("master", epoch: 1);
        await old.AppendAsync(Events(1, 1));
        gate.Hold();
        var appends = Enumerable.Range(0, 20).Select(i => old.AppendAsync(Events(2 + i, 1)).AsTask()).ToList();

        var next = await Store().OpenAsync("master", epoch: 2);
        await next.AppendAsync(Events(100, 1));
        gate.Release();

        foreach (var append in appends) Assert.That(async () => await append.WaitAsync(Patience), Throws.TypeOf<StaleEpochException>());
        Assert.That(await TextsAsync(next), Is.EqualTo(new[] { "event 1", "event 100" }));
    }

    [Test]
    public async Task What_a_writer_left_unfinished_is_taken_away_at_the_next_opening_and_nothing_else()
    {
        var store = Store();
        var journal = await store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 3, 1_000_000));
        await journal.SaveSnapshotAsync(new JournalSnapshot(2, new byte[2_000_000]));
        var client = Client();
        var needed = (await client.GetChildrenAsync($"{Head}/parts")).Names;
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => client.CreateAsync($"{Head}/parts/feed.b9-{i:D4}", new byte[10])));

        journal = await Store().OpenAsync("master");

        await client.SyncAsync("/");
        Assert.That((await client.GetChildrenAsync($"{Head}/parts")).Names, Is.EquivalentTo(needed).And.Count.EqualTo(4 + 3));
        Assert.That(await TextsAsync(journal), Has.Length.EqualTo(3));
        Assert.That((await journal.ReadSnapshotAsync())!.Value.Payload.Length, Is.EqualTo(2_000_000));
    }

    [Test]
    public async Task Truncation_takes_away_nodes_groups_and_parts_and_a_new_snapshot_the_old_ones_parts()
    {
        var store = Store();
        var journal = await store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 2, 1_000_000));
        for (var i = 3; i <= JournalNodes.GroupSize + 10; i++) await journal.AppendAsync(Events(i, 1));
        var last = journal.LastSequence;
        await journal.SaveSnapshotAsync(new JournalSnapshot(5, new byte[2_000_000]));
        await journal.SaveSnapshotAsync(new JournalSnapshot(last - 5, new byte[10]));
        var client = Client();
        await client.SyncAsync("/");
        Assert.That((await client.GetChildrenAsync($"{Head}/events")).Names, Has.Count.EqualTo(2));

        await journal.TruncateAsync(last - 5);

        await client.SyncAsync("/");
        var group = (await client.GetChildrenAsync($"{Head}/events")).Names.Single();
        Assert.That((await client.GetChildrenAsync($"{Head}/events/{group}")).Names, Has.Count.EqualTo(5));
        Assert.That((await client.GetChildrenAsync($"{Head}/parts")).Names, Has.Count.EqualTo(1));
        Assert.That(await TextsAsync(journal), Is.EqualTo(Names((int)last - 4, 5)));
        Assert.That(async () => await TextsAsync(journal, 3), Throws.TypeOf<JournalException>().With.Message.Contains("4"));
        journal = await Store().OpenAsync("master");
        Assert.That(await journal.AppendAsync(Events((int)last + 1, 1)), Is.EqualTo(last + 1));
        Assert.That(await TextsAsync(journal), Is.EqualTo(Names((int)last - 4, 6)));
    }

    [Test]
    public async Task A_hundred_thousand_events_are_appended_and_replayed()
    {
        const int Count = 100_000;
        var journal = await Store().OpenAsync("master");
        var watch = Stopwatch.StartNew();

        for (var i = 0; i < Count; i += 5000)
            await Task.WhenAll(Enumerable.Range(i + 1, 5000).Select(number => journal.AppendAsync(Events(number, 1, 200)).AsTask()));
        await TestContext.Out.WriteLineAsync($"{Count} events of 200 bytes appended, 5000 at once, in {watch.ElapsedMilliseconds} ms");
        watch.Restart();
        var texts = await TextsAsync(await Store().OpenAsync("master"));
        await TestContext.Out.WriteLineAsync($"and replayed in {watch.ElapsedMilliseconds} ms");

        Assert.That(texts, Is.EqualTo(Names(1, Count)));
    }

    [Test]
    public async Task What_is_no_journal_is_refused_with_the_node_and_what_to_do()
    {
        var journal = await Store().OpenAsync("master");
        await journal.AppendAsync(Events(1, 1));
        var client = Client();
        await client.SyncAsync("/");
        var group = $"{Head}/events/{(await client.GetChildrenAsync($"{Head}/events")).Names.Single()}";
        var batch = $"{group}/{(await client.GetChildrenAsync(group)).Names.Single()}";
        var (good, _) = await client.GetDataAsync(batch);

        await client.SetDataAsync(batch, good.AsMemory(0, good.Length - 1));
        Assert.That(async () => await TextsAsync(await Store().OpenReaderAsync("master")),
            Throws.TypeOf<JournalCorruptException>().With.Message.Contains(batch));
        await client.DeleteAsync(batch);
        Assert.That(async () => await TextsAsync(await Store().OpenReaderAsync("master")), Throws.TypeOf<JournalException>().With.Message.Contains("Event 1"));
        Assert.That(async () => await Store().OpenAsync("master"), Throws.TypeOf<JournalCorruptException>().With.Message.Contains(Head));
        await client.CreateAsync($"{group}/note", default);
        Assert.That(async () => await TextsAsync(await Store().OpenReaderAsync("master")),
            Throws.TypeOf<JournalCorruptException>().With.Message.Contains($"{group}/note"));
        await client.SetDataAsync(Head, "hello"u8.ToArray());
        Assert.That(async () => await Store().OpenAsync("master"), Throws.TypeOf<JournalCorruptException>().With.Message.Contains(Head));
    }

    [Test]
    public async Task A_head_that_a_stranger_changed_stops_the_writer()
    {
        var journal = await Store().OpenAsync("master");
        await journal.AppendAsync(Events(1, 1));
        var client = Client();
        await client.SyncAsync("/");
        await client.SetDataAsync(Head, (await client.GetDataAsync(Head)).Data);

        Assert.That(async () => await journal.AppendAsync(Events(2, 1)).AsTask()
            .WaitAsync(Patience), Throws.TypeOf<JournalCorruptException>().With.Message.Contains(Head));
    }

    [Test]
    public async Task A_journal_without_an_event_in_its_middle_is_refused_at_the_takeover_with_its_number()
    {
        var journal = await Store().OpenAsync("master");
        for (var i = 1; i <= 5; i++) await journal.AppendAsync(Events(i, 1));
        var client = Client();

        await DeleteBatchAsync(client, 3);

        Assert.That(async () => await Store().OpenAsync("master"),
            Throws.TypeOf<JournalCorruptException>().With.Message.Contains(Head).And.Message.Contains("event 3 is missing before event 4"));
    }

    [Test]
    public async Task A_missing_event_that_a_snapshot_covers_is_no_loss()
    {
        var journal = await Store().OpenAsync("master");
        for (var i = 1; i <= 5; i++) await journal.AppendAsync(Events(i, 1));
        var client = Client();

        await DeleteBatchAsync(client, 2);
        await journal.SaveSnapshotAsync(new JournalSnapshot(3, new byte[10]));

        Assert.That(await TextsAsync(await Store().OpenAsync("master"), after: 3), Is.EqualTo(Names(4, 2)));
    }

    [Test]
    public async Task A_journal_that_went_back_behind_what_was_acknowledged_is_refused_by_who_knows_it()
    {
        var store = Store();
        var journal = await store.OpenAsync("master");
        for (var i = 1; i <= 4; i++) await journal.AppendAsync(Events(i, 1));
        var client = Client();
        await client.SyncAsync("/");
        var (before, _) = await client.GetDataAsync(Head);
        await journal.AppendAsync(Events(5, 1));

        // As servers that restart without their last transactions.
        await DeleteBatchAsync(client, 5);
        await client.SetDataAsync(Head, before);

        Assert.That(async () => await journal.AppendAsync(Events(6, 1)).AsTask().WaitAsync(Patience),
            Throws.TypeOf<JournalCorruptException>().With.Message.Contains("Event 5 was acknowledged").And.Message.Contains("ends with event 4"));
        Assert.That(async () => await store.OpenAsync("master"),
            Throws.TypeOf<JournalCorruptException>().With.Message.Contains("Event 5 was acknowledged").And.Message.Contains("ends with event 4"));
    }

    [Test]
    public async Task Many_openings_at_once_leave_one_writer()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => Store()).ToList();

        var journals = await Task.WhenAll(stores.Select(store => store.OpenAsync("master").AsTask()));

        Assert.That(journals.Select(journal => journal.Epoch), Is.EquivalentTo(Enumerable.Range(1, 8).Select(i => (long)i)));
        foreach (var journal in journals.OrderBy(journal => journal.Epoch))
        {
            if (journal.Epoch == 8) Assert.That(await journal.AppendAsync(Events(1, 1)), Is.EqualTo(1));
            else Assert.That(async () => await journal.AppendAsync(Events(9, 1)), Throws.TypeOf<StaleEpochException>());
        }
    }

    private ZooKeeperJournalStore Store(string? servers = null, double sessionSeconds = 10) =>
        Own(new ZooKeeperJournalStore(Options(servers, sessionSeconds), "/spark", TimeProvider.System, NullLogger.Instance));

    private static async Task DeleteBatchAsync(ZooKeeperClient client, long first)
    {
        await client.SyncAsync("/");
        var group = $"{Head}/events/{(await client.GetChildrenAsync($"{Head}/events")).Names.Single()}";
        var name = (await client.GetChildrenAsync(group)).Names.Single(name => BatchNode.TryParse(name)!.First == first);
        await client.DeleteAsync($"{group}/{name}");
    }

    private static ReadOnlyMemory<byte>[] Events(int first, int count, int length = 0) =>
        [.. Enumerable.Range(first, count).Select(i => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes($"event {i}".PadRight(length))))];

    private static string[] Names(int first, int count) => [.. Enumerable.Range(first, count).Select(i => $"event {i}")];

    private static async Task<string[]> TextsAsync(IJournalReader journal, long after = 0) =>
        await journal.ReadAsync(after).Select(entry => Encoding.UTF8.GetString(entry.Payload.Span).TrimEnd()).ToArrayAsync();

    private static async Task ThereAsync(IJournalReader reader, long count)
    {
        while (await reader.ReadAsync(0).CountAsync() < count) await Task.Yield();
    }
}
