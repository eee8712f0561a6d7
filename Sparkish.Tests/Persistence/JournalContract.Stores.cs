using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence;

/// <content>Names, readers and closing.</content>
public abstract partial class JournalContract
{
    private static readonly string[] BadNames = ["", ".hidden", "a/b", "a b", "ä", "a\0", "..", new('x', 101)];

    [Test]
    public async Task Journals_are_listed_by_name_in_ordinal_order()
    {
        Assert.That(await Store.ListAsync(), Is.Empty);
        foreach (var name in new[] { "b", "a-1", "Master_2.x", "a", new('z', 100) }) await (await Store.OpenAsync(name)).DisposeAsync();

        Assert.That(await Store.ListAsync(), Is.EqualTo(new[] { "Master_2.x", "a", "a-1", "b", new('z', 100) }));

        Assert.That(await (await ReopenAsync()).ListAsync(), Is.EqualTo(new[] { "Master_2.x", "a", "a-1", "b", new('z', 100) }));
    }

    [Test]
    public async Task Journals_of_one_store_are_apart_from_each_other()
    {
        var a = await Store.OpenAsync("a");
        var b = await Store.OpenAsync("b", epoch: 4);

        await a.AppendAsync(Events(1, 2));
        await b.AppendAsync(Events(1, 1));

        Assert.That((a.LastSequence, b.LastSequence, a.Epoch, b.Epoch), Is.EqualTo((2L, 1L, 1L, 4L)));
        Assert.That(Texts(await ReadAsync(b)), Is.EqualTo(Names(1, 1)));
    }

    [TestCaseSource(nameof(BadNames))]
    public void A_name_that_not_every_store_can_use_is_refused(string name)
    {
        Assert.That(async () => await Store.OpenAsync(name), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await Store.OpenReaderAsync(name), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public async Task A_reader_of_a_journal_that_is_not_there_is_refused_and_makes_none()
    {
        Assert.That(async () => await Store.OpenReaderAsync("nobody"), Throws.InstanceOf<JournalException>().With.Message.Contains("nobody"));

        Assert.That(await Store.ListAsync(), Is.Empty);
    }

    [Test]
    public async Task A_reader_sees_what_is_acknowledged_and_disturbs_nobody()
    {
        var journal = await Store.OpenAsync("master", epoch: 2);
        await journal.AppendAsync(Events(1, 2));

        await using var reader = await (await SomebodyElseAsync()).OpenReaderAsync("master");
        Assert.That(reader.Name, Is.EqualTo("master"));
        Assert.That(Texts(await ReadAsync(reader)), Is.EqualTo(Names(1, 2)));
        Assert.That(await reader.ReadSnapshotAsync(), Is.Null);

        await journal.AppendAsync(Events(3, 2));
        await journal.SaveSnapshotAsync(new JournalSnapshot(3, new byte[] { 3 }));
        Assert.That(Texts(await ReadAsync(reader, 1)), Is.EqualTo(Names(2, 3)));
        await AssertSnapshotAsync(reader, 3, 3);
        Assert.That(journal.Epoch, Is.EqualTo(2));
    }

    [Test]
    public async Task A_reader_beside_a_busy_writer_sees_events_in_order_without_gaps_and_at_least_those_that_were_acknowledged()
    {
        const int count = 2_000;
        var journal = await Store.OpenAsync("master");
        await using var reader = await (await SomebodyElseAsync()).OpenReaderAsync("master");

        var writing = Task.Run(async () =>
        {
            for (var i = 1; i <= count; i += 40)
            {
                var batches = new List<Task>();
                for (var j = i; j < i + 40; j += 4) batches.Add(journal.AppendAsync(Events(j, 4)).AsTask());
                await Task.WhenAll(batches);
            }
        });
        while (true)
        {
            var (wasDone, acknowledged) = (writing.IsCompleted, journal.LastSequence);
            var texts = Texts(await ReadAsync(reader));
            Assert.That(texts, Is.EqualTo(Names(1, texts.Length)));
            Assert.That(texts, Has.Length.GreaterThanOrEqualTo((int)acknowledged));
            Assert.That(texts.Length % 4, Is.Zero, "no half of a batch");
            if (wasDone) break;
        }

        await writing;
        Assert.That(Texts(await ReadAsync(reader)), Has.Length.EqualTo(count));
    }

    [Test]
    public async Task A_closed_journal_takes_nothing_and_closing_twice_is_harmless()
    {
        var journal = await Store.OpenAsync("master");
        var append = journal.AppendAsync(Events(1, 1)).AsTask();
        await append;
        await journal.DisposeAsync();
        await journal.DisposeAsync();

        Assert.That(async () => await journal.AppendAsync(Events(2, 1)), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await journal.SaveSnapshotAsync(new JournalSnapshot(1, default)), Throws.InstanceOf<ObjectDisposedException>());

        await using var next = await Store.OpenAsync("master");
        Assert.That(Texts(await ReadAsync(next)), Is.EqualTo(Names(1, 1)));
    }

    [Test]
    public async Task A_closed_store_opens_nothing_and_has_closed_its_journals()
    {
        var journal = await Store.OpenAsync("master");
        await Store.DisposeAsync();
        await Store.DisposeAsync();

        Assert.That(async () => await Store.OpenAsync("other"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await Store.OpenReaderAsync("master"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await Store.ListAsync(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await journal.AppendAsync(Events(1, 1)), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task What_was_appended_and_not_awaited_when_the_store_closed_is_there_or_not_but_never_in_part()
    {
        var journal = await Store.OpenAsync("master");
        var appends = Enumerable.Range(0, 50).Select(i => journal.AppendAsync(Events((3 * i) + 1, 3)).AsTask()).ToList();

        await ReopenAsync();
        var acknowledged = 0L;
        foreach (var append in appends)
        {
            try
            {
                acknowledged = Math.Max(acknowledged, await append.WaitAsync(Patience));
            }
            catch (Exception e) when (e is JournalException or ObjectDisposedException or OperationCanceledException)
            {
                // Not acknowledged.
            }
        }

        var texts = Texts(await ReadAsync(await Store.OpenAsync("master")));
        Assert.That(texts, Is.EqualTo(Names(1, texts.Length)));
        Assert.That(texts.Length % 3, Is.Zero);
        Assert.That(texts, Has.Length.GreaterThanOrEqualTo((int)acknowledged));
    }
}
