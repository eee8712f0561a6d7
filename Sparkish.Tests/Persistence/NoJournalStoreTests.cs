using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence;

internal sealed class NoJournalStoreTests
{
    [Test]
    public async Task Appends_are_numbered_and_forgotten()
    {
        await using var store = new NoJournalStore();
        var journal = await store.OpenAsync("master");

        Assert.That(await journal.AppendAsync([new byte[1], new byte[1]]), Is.EqualTo(2));
        await journal.SaveSnapshotAsync(new JournalSnapshot(2, new byte[1]));
        await journal.TruncateAsync(2);

        Assert.That(await journal.ReadSnapshotAsync(), Is.Null);
        Assert.That(await journal.ReadAsync(0).CountAsync(), Is.Zero);
        Assert.That((journal.Epoch, journal.LastSequence), Is.EqualTo((1L, 2L)));
    }

    [Test]
    public async Task Terms_are_counted_and_fenced()
    {
        await using var store = new NoJournalStore();
        var first = await store.OpenAsync("master", epoch: 4);

        Assert.That(async () => await store.OpenAsync("master", epoch: 4), Throws.InstanceOf<StaleEpochException>());
        var second = await store.OpenAsync("master");

        Assert.That(second.Epoch, Is.EqualTo(5));
        Assert.That(async () => await first.AppendAsync([new byte[1]]), Throws.InstanceOf<StaleEpochException>());
        Assert.That(async () => await first.SaveSnapshotAsync(new JournalSnapshot(0, default)), Throws.InstanceOf<StaleEpochException>());
        Assert.That(await second.AppendAsync([new byte[1]]), Is.EqualTo(1));
    }

    [Test]
    public async Task What_every_journal_refuses_is_refused()
    {
        var store = new NoJournalStore();
        var journal = await store.OpenAsync("master");

        Assert.That(async () => await journal.AppendAsync([]), Throws.ArgumentException);
        Assert.That(async () => await journal.AppendAsync([new byte[IJournal.MaxBatchBytes + 1]]), Throws.ArgumentException);
        Assert.That(async () => await journal.SaveSnapshotAsync(new JournalSnapshot(1, default)), Throws.ArgumentException);
        Assert.That(async () => await journal.TruncateAsync(1), Throws.ArgumentException);
        Assert.That(async () => await store.OpenAsync("a/b"), Throws.ArgumentException);
        Assert.That(async () => await store.OpenReaderAsync("other"), Throws.InstanceOf<JournalException>().With.Message.Contains("NONE"));
        Assert.That(await store.ListAsync(), Is.EqualTo(new[] { "master" }));
        await store.DisposeAsync();
        Assert.That(async () => await journal.AppendAsync([new byte[1]]), Throws.InstanceOf<ObjectDisposedException>());
    }
}
