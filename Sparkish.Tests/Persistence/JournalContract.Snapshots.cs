using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence;

/// <content>Snapshots and truncation.</content>
public abstract partial class JournalContract
{
    [Test]
    public async Task A_snapshot_is_read_back_and_the_events_stay()
    {
        var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 5));

        await journal.SaveSnapshotAsync(new JournalSnapshot(3, new byte[] { 1, 2, 3 }));

        await AssertSnapshotAsync(journal, 3, 1, 2, 3);
        Assert.That(Texts(await ReadAsync(journal)), Is.EqualTo(Names(1, 5)));
        journal = await (await ReopenAsync()).OpenAsync("master");
        await AssertSnapshotAsync(journal, 3, 1, 2, 3);
        Assert.That(Texts(await ReadAsync(journal, 3)), Is.EqualTo(Names(4, 2)));
    }

    [Test]
    public async Task A_later_snapshot_takes_the_place_of_an_earlier_one_and_an_earlier_one_is_refused()
    {
        var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 5));
        await journal.SaveSnapshotAsync(new JournalSnapshot(3, new byte[] { 3 }));
        await journal.SaveSnapshotAsync(new JournalSnapshot(5, new byte[] { 5 }));
        await journal.SaveSnapshotAsync(new JournalSnapshot(5, new byte[] { 6 }));

        Assert.That(async () => await journal.SaveSnapshotAsync(new JournalSnapshot(4, new byte[] { 4 })), Throws.ArgumentException);

        await AssertSnapshotAsync(journal, 5, 6);
        journal = await (await ReopenAsync()).OpenAsync("master");
        Assert.That(async () => await journal.SaveSnapshotAsync(new JournalSnapshot(4, new byte[] { 4 })), Throws.ArgumentException);
        await AssertSnapshotAsync(journal, 5, 6);
        await journal.SaveSnapshotAsync(new JournalSnapshot(5, new byte[] { 7 }));
        await AssertSnapshotAsync(journal, 5, 7);
    }

    [Test]
    public async Task A_snapshot_of_events_that_are_not_there_is_refused()
    {
        await using var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 2));

        Assert.That(async () => await journal.SaveSnapshotAsync(new JournalSnapshot(3, new byte[1])), Throws.ArgumentException);

        Assert.That(await journal.ReadSnapshotAsync(), Is.Null);
        Assert.That(await journal.AppendAsync(Events(3, 1)), Is.EqualTo(3));
    }

    [Test]
    public async Task A_snapshot_of_sixteen_mebibytes_is_taken_and_one_byte_more_refused()
    {
        var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 1));
        var payload = Enumerable.Range(0, IJournal.MaxBatchBytes).Select(i => (byte)(i * 7919 >> 5)).ToArray();

        await journal.SaveSnapshotAsync(new JournalSnapshot(1, payload));
        Assert.That(async () => await journal.SaveSnapshotAsync(new JournalSnapshot(1, new byte[IJournal.MaxBatchBytes + 1])), Throws.ArgumentException);

        journal = await (await ReopenAsync()).OpenAsync("master");
        var snapshot = await journal.ReadSnapshotAsync();
        Assert.That(snapshot!.Value.Payload.Span.SequenceEqual(payload), Is.True);
    }

    [Test]
    public async Task An_empty_snapshot_is_one()
    {
        var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 1));

        await journal.SaveSnapshotAsync(new JournalSnapshot(1, default));

        journal = await (await ReopenAsync()).OpenAsync("master");
        await AssertSnapshotAsync(journal, 1);
    }

    [Test]
    public async Task Truncated_events_may_be_gone_and_all_others_are_there()
    {
        var journal = await Store.OpenAsync("master");
        for (var i = 1; i <= 10; i++) await journal.AppendAsync(Events(i, 1));
        await journal.SaveSnapshotAsync(new JournalSnapshot(7, new byte[] { 7 }));

        await journal.TruncateAsync(7);
        await journal.AppendAsync(Events(11, 1));

        Assert.That(Texts(await ReadAsync(journal, 7)), Is.EqualTo(Names(8, 4)));
        journal = await (await ReopenAsync()).OpenAsync("master");
        Assert.That(journal.LastSequence, Is.EqualTo(11));
        await AssertSnapshotAsync(journal, 7, 7);
        Assert.That(Texts(await ReadAsync(journal, 7)), Is.EqualTo(Names(8, 4)));
        var all = await ReadAsync(journal);
        Assert.That(all.Select(entry => entry.Sequence), Is.EqualTo(Enumerable.Range((int)all[0].Sequence, all.Count).Select(i => (long)i)));
        Assert.That(all[^1].Sequence, Is.EqualTo(11));
    }

    [Test]
    public async Task A_journal_truncated_to_nothing_goes_on_with_the_next_number()
    {
        var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 4));
        await journal.SaveSnapshotAsync(new JournalSnapshot(4, new byte[] { 4 }));
        await journal.TruncateAsync(4);

        journal = await (await ReopenAsync()).OpenAsync("master");
        Assert.That(journal.LastSequence, Is.EqualTo(4));
        Assert.That(await ReadAsync(journal, 4), Is.Empty);
        Assert.That(await journal.AppendAsync(Events(5, 1)), Is.EqualTo(5));

        journal = await (await ReopenAsync()).OpenAsync("master");
        Assert.That(Texts(await ReadAsync(journal, 4)), Is.EqualTo(Names(5, 1)));
    }

    [Test]
    public async Task Only_what_a_snapshot_has_can_be_truncated()
    {
        await using var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 4));
        Assert.That(async () => await journal.TruncateAsync(1), Throws.ArgumentException);
        await journal.SaveSnapshotAsync(new JournalSnapshot(2, new byte[] { 2 }));

        Assert.That(async () => await journal.TruncateAsync(3), Throws.ArgumentException);

        await journal.TruncateAsync(2);
        await journal.TruncateAsync(2);
        Assert.That(Texts(await ReadAsync(journal, 2)), Is.EqualTo(Names(3, 2)));
    }

    [Test]
    public async Task Snapshots_and_truncation_go_on_beside_appends()
    {
        const int count = 300;
        var journal = await Store.OpenAsync("master");
        var appends = new List<Task<long>>();

        for (var i = 1; i <= count; i++)
        {
            appends.Add(journal.AppendAsync(Events(i, 1)).AsTask());
            if (i % 50 != 0) continue;
            var last = journal.LastSequence;
            await journal.SaveSnapshotAsync(new JournalSnapshot(last, Event((int)last)));
            await journal.TruncateAsync(last);
        }

        Assert.That(await Task.WhenAll(appends).WaitAsync(Patience), Is.EqualTo(Enumerable.Range(1, count).Select(i => (long)i)));
        journal = await (await ReopenAsync()).OpenAsync("master");
        var snapshot = (await journal.ReadSnapshotAsync())!.Value;
        Assert.That(snapshot.Payload.ToArray(), Is.EqualTo(Event((int)snapshot.Sequence)));
        Assert.That(Texts(await ReadAsync(journal, snapshot.Sequence)), Is.EqualTo(Names((int)snapshot.Sequence + 1, count - (int)snapshot.Sequence)));
    }

    private static async Task AssertSnapshotAsync(IJournalReader journal, long sequence, params byte[] payload)
    {
        var snapshot = await journal.ReadSnapshotAsync();
        Assert.That((snapshot?.Sequence, snapshot?.Payload.ToArray()), Is.EqualTo(((long?)sequence, payload)));
    }
}
