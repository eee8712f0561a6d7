using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence;

/// <content>Terms: which writer is accepted.</content>
public abstract partial class JournalContract
{
    [Test]
    public async Task What_was_opened_under_a_later_term_takes_the_journal_over()
    {
        var old = await Store.OpenAsync("master", epoch: 3);
        await old.AppendAsync(Events(1, 2));

        var next = await (await SomebodyElseAsync()).OpenAsync("master", epoch: 5);

        Assert.That(next.LastSequence, Is.EqualTo(2));
        Assert.That(await next.AppendAsync(Events(3, 1)), Is.EqualTo(3));
        var stale = Assert.CatchAsync<StaleEpochException>(async () => await old.AppendAsync(Events(9, 1)));
        Assert.That((stale!.Epoch, stale.Current), Is.EqualTo((3L, 5L)));
        Assert.That(async () => await old.AppendAsync(Events(9, 1)), Throws.InstanceOf<StaleEpochException>(), "and stays so");
        Assert.That(Texts(await ReadAsync(next)), Is.EqualTo(Names(1, 3)));
    }

    [Test]
    public async Task Whose_term_is_over_cannot_save_a_snapshot_or_truncate()
    {
        var old = await Store.OpenAsync("master", epoch: 3);
        await old.AppendAsync(Events(1, 4));
        await old.SaveSnapshotAsync(new JournalSnapshot(1, new byte[] { 1 }));

        var next = await (await SomebodyElseAsync()).OpenAsync("master", epoch: 4);

        Assert.That(async () => await old.SaveSnapshotAsync(new JournalSnapshot(2, new byte[] { 9 })), Throws.InstanceOf<StaleEpochException>());
        Assert.That(async () => await old.TruncateAsync(1), Throws.InstanceOf<StaleEpochException>());
        await AssertSnapshotAsync(next, 1, 1);
        Assert.That(Texts(await ReadAsync(next, 1)), Is.EqualTo(Names(2, 3)));
    }

    [Test]
    public async Task A_term_can_be_opened_once_and_never_after_a_later_one()
    {
        var journal = await Store.OpenAsync("master", epoch: 3);
        var other = await SomebodyElseAsync();

        var same = Assert.CatchAsync<StaleEpochException>(async () => await other.OpenAsync("master", epoch: 3));
        var earlier = Assert.CatchAsync<StaleEpochException>(async () => await other.OpenAsync("master", epoch: 2));

        Assert.That((same!.Epoch, same.Current, earlier!.Epoch, earlier.Current), Is.EqualTo((3L, 3L, 2L, 3L)));
        Assert.That(await journal.AppendAsync(Events(1, 1)), Is.EqualTo(1), "who leads is not disturbed");
    }

    [Test]
    public async Task Within_a_term_the_store_that_opened_a_journal_can_open_it_again_after_closing_it()
    {
        var journal = await Store.OpenAsync("master", epoch: 3);
        await journal.DisposeAsync();
        journal = await Store.OpenAsync("master", epoch: 3);
        Assert.That(await journal.AppendAsync(Events(1, 2)), Is.EqualTo(2));
        Assert.That(async () => await Store.OpenAsync("master", epoch: 3), Throws.InstanceOf<StaleEpochException>(), "it is open");
        await journal.DisposeAsync();

        journal = await Store.OpenAsync("master", epoch: 3);

        Assert.That((journal.Epoch, journal.LastSequence), Is.EqualTo((3L, 2L)));
        Assert.That(await journal.AppendAsync(Events(3, 1)), Is.EqualTo(3));
        var entries = await ReadAsync(journal);
        Assert.That(Texts(entries), Is.EqualTo(Names(1, 3)));
        Assert.That(entries.Select(entry => entry.Epoch), Has.All.EqualTo(3));
        await journal.DisposeAsync();
        Assert.That(async () => await Store.OpenAsync("master", epoch: 2), Throws.InstanceOf<StaleEpochException>());
        var other = await ReopenAsync();
        Assert.That(async () => await other.OpenAsync("master", epoch: 3), Throws.InstanceOf<StaleEpochException>(), "another store did not open it");
    }

    [Test]
    public async Task A_term_cannot_be_gone_on_with_after_a_later_one()
    {
        var journal = await Store.OpenAsync("master", epoch: 3);
        await journal.DisposeAsync();
        var next = await (await SomebodyElseAsync()).OpenAsync("master", epoch: 4);
        await next.AppendAsync(Events(1, 1));

        Assert.That(async () => await Store.OpenAsync("master", epoch: 3), Throws.InstanceOf<StaleEpochException>());
        Assert.That(await next.AppendAsync(Events(2, 1)), Is.EqualTo(2), "who leads is not disturbed");
    }

    [Test]
    public async Task A_term_that_wrote_nothing_is_over_for_good_too()
    {
        await Store.OpenAsync("master", epoch: 8);

        var store = await ReopenAsync();

        Assert.That(async () => await store.OpenAsync("master", epoch: 8), Throws.InstanceOf<StaleEpochException>());
        var journal = await store.OpenAsync("master");
        Assert.That(journal.Epoch, Is.EqualTo(9));
    }

    [Test]
    public async Task Without_a_term_the_journal_counts()
    {
        var first = await Store.OpenAsync("master");
        var second = await (await SomebodyElseAsync()).OpenAsync("master");

        Assert.That((first.Epoch, second.Epoch), Is.EqualTo((1L, 2L)));
        Assert.That(async () => await first.AppendAsync(Events(1, 1)), Throws.InstanceOf<StaleEpochException>());
        Assert.That(await second.AppendAsync(Events(1, 1)), Is.EqualTo(1));
    }

    [Test]
    public async Task Appends_under_way_at_a_takeover_are_there_if_acknowledged_and_there_is_no_gap()
    {
        var old = await Store.OpenAsync("master", epoch: 1);
        var appends = Enumerable.Range(1, 200).Select(i => old.AppendAsync(Events(i, 1)).AsTask()).ToList();

        var next = await (await SomebodyElseAsync()).OpenAsync("master", epoch: 2);
        var found = Texts(await ReadAsync(next));
        var acknowledged = 0;
        foreach (var append in appends)
        {
            try
            {
                acknowledged = (int)await append.WaitAsync(Patience);
            }
            catch (JournalException)
            {
                break;
            }
        }

        Assert.That(found, Has.Length.GreaterThanOrEqualTo(acknowledged));
        Assert.That(found, Is.EqualTo(Names(1, found.Length)));
        Assert.That(next.LastSequence, Is.EqualTo(found.Length));
        await next.AppendAsync(Events(found.Length + 1, 1));
        Assert.That(Texts(await ReadAsync(next)), Is.EqualTo(Names(1, found.Length + 1)));
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void A_term_that_is_not_positive_is_refused(long epoch) =>
        Assert.That(async () => await Store.OpenAsync("master", epoch), Throws.InstanceOf<ArgumentException>());
}
