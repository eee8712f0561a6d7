using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence;

/// <content>Appending and reading.</content>
public abstract partial class JournalContract
{
    [Test]
    public async Task A_new_journal_is_empty()
    {
        await using var journal = await Store.OpenAsync("master");

        Assert.That((journal.Name, journal.Epoch, journal.LastSequence), Is.EqualTo(("master", 1L, 0L)));
        Assert.That(await journal.ReadSnapshotAsync(), Is.Null);
        Assert.That(await ReadAsync(journal), Is.Empty);
    }

    [Test]
    public async Task Events_are_read_in_the_order_of_their_appending_with_their_numbers_and_the_term()
    {
        await using var journal = await Store.OpenAsync("master", epoch: 7);

        Assert.That(await journal.AppendAsync(Events(1, 3)), Is.EqualTo(3));
        Assert.That(await journal.AppendAsync(Events(4, 1)), Is.EqualTo(4));

        Assert.That(journal.LastSequence, Is.EqualTo(4));
        var entries = await ReadAsync(journal);
        Assert.That(Texts(entries), Is.EqualTo(Names(1, 4)));
        Assert.That(entries.Select(entry => (entry.Sequence, entry.Epoch)), Is.EqualTo(new[] { (1L, 7L), (2L, 7L), (3L, 7L), (4L, 7L) }));
    }

    [Test]
    public async Task Reading_begins_after_the_given_event_also_within_a_batch()
    {
        await using var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 3));
        await journal.AppendAsync(Events(4, 3));

        for (var after = 0; after <= 6; after++) Assert.That(Texts(await ReadAsync(journal, after)), Is.EqualTo(Names(after + 1, 6 - after)), $"after {after}");
    }

    [Test]
    public async Task Events_of_any_bytes_and_none_come_back_as_they_were()
    {
        await using var journal = await Store.OpenAsync("master");
        ReadOnlyMemory<byte>[] events =
            [new byte[] { 0, 255, 10, 13, 0 }, Array.Empty<byte>(), Enumerable.Range(0, 70_000).Select(i => (byte)(i * 31)).ToArray()];

        await journal.AppendAsync(events);

        Assert.That((await ReadAsync(journal)).Select(entry => entry.Payload.ToArray()), Is.EqualTo(events.Select(e => e.ToArray())));
    }

    [Test]
    public async Task A_reopened_journal_has_all_events_and_goes_on_after_them_in_a_later_term()
    {
        var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 2));
        await journal.AppendAsync(Events(3, 1));

        journal = await (await ReopenAsync()).OpenAsync("master");

        Assert.That((journal.Epoch, journal.LastSequence), Is.EqualTo((2L, 3L)));
        Assert.That(Texts(await ReadAsync(journal)), Is.EqualTo(Names(1, 3)));
        Assert.That(await journal.AppendAsync(Events(4, 2)), Is.EqualTo(5));
        var entries = await ReadAsync(journal, 2);
        Assert.That(Texts(entries), Is.EqualTo(Names(3, 3)));
        Assert.That(entries.Select(entry => entry.Epoch), Is.EqualTo(new[] { 1L, 2L, 2L }));
    }

    [Test]
    public async Task A_journal_reopened_many_times_keeps_all()
    {
        for (var i = 1; i <= 6; i++)
        {
            var journal = await Store.OpenAsync("master");
            Assert.That((journal.Epoch, journal.LastSequence), Is.EqualTo(((long)i, (long)((i - 1) / 2))));
            if (i % 2 == 0) await journal.AppendAsync(Events(i / 2, 1)); // each other time nothing
            await ReopenAsync();
        }

        Assert.That(Texts(await ReadAsync(await Store.OpenAsync("master"))), Is.EqualTo(Names(1, 3)));
    }

    [Test]
    public async Task Overlapping_appends_get_their_numbers_in_the_order_of_the_calls_and_all_are_kept()
    {
        const int count = 500;
        var journal = await Store.OpenAsync("master");

        var appends = Enumerable.Range(0, count).Select(i => journal.AppendAsync(Events((2 * i) + 1, 2)).AsTask()).ToList();
        var numbers = await Task.WhenAll(appends).WaitAsync(Patience);

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, count).Select(i => 2L * i)));
        Assert.That(journal.LastSequence, Is.EqualTo(2 * count));
        journal = await (await ReopenAsync()).OpenAsync("master");
        Assert.That(Texts(await ReadAsync(journal)), Is.EqualTo(Names(1, 2 * count)));
    }

    [Test]
    public async Task The_last_number_never_runs_ahead_of_what_is_acknowledged()
    {
        await using var journal = await Store.OpenAsync("master");

        for (var i = 1; i <= 20; i++)
        {
            var first = journal.AppendAsync(Events(i, 1)).AsTask();
            var number = await first;
            Assert.That(number, Is.EqualTo(i));
            Assert.That(journal.LastSequence, Is.EqualTo(i));
        }
    }

    [Test]
    public async Task A_batch_of_sixteen_mebibytes_is_taken_and_one_byte_more_refused()
    {
        var journal = await Store.OpenAsync("master");
        var payload = Enumerable.Range(0, IJournal.MaxBatchBytes).Select(i => (byte)(i * 7919 >> 5)).ToArray();

        Assert.That(await journal.AppendAsync([payload.AsMemory(0, 5), payload.AsMemory(5)]), Is.EqualTo(2));
        Assert.That(async () => await journal.AppendAsync([payload, new byte[1]]), Throws.InstanceOf<ArgumentException>().With.Message.Contains("16777217"));
        Assert.That(await journal.AppendAsync(Events(3, 1)), Is.EqualTo(3));

        journal = await (await ReopenAsync()).OpenAsync("master");
        var entries = await ReadAsync(journal);
        Assert.That(entries.Select(entry => entry.Payload.Length), Is.EqualTo(new[] { 5, payload.Length - 5, 7 }));
        Assert.That(entries[1].Payload.Span.SequenceEqual(payload.AsSpan(5)), Is.True);
    }

    [Test]
    public async Task A_single_event_of_sixteen_mebibytes_is_taken()
    {
        var journal = await Store.OpenAsync("master");
        var payload = new byte[IJournal.MaxBatchBytes];
        payload[^1] = 42;

        await journal.AppendAsync([payload]);

        journal = await (await ReopenAsync()).OpenAsync("master");
        Assert.That((await ReadAsync(journal)).Single().Payload.Span.SequenceEqual(payload), Is.True);
    }

    [Test]
    public async Task A_batch_of_many_small_events_is_taken_whole()
    {
        const int count = 20_000;
        var journal = await Store.OpenAsync("master");

        Assert.That(await journal.AppendAsync(Events(1, count)), Is.EqualTo(count));

        journal = await (await ReopenAsync()).OpenAsync("master");
        Assert.That(Texts(await ReadAsync(journal)), Is.EqualTo(Names(1, count)));
    }

    [Test]
    public async Task An_empty_batch_is_refused_and_the_journal_goes_on()
    {
        await using var journal = await Store.OpenAsync("master");

        Assert.That(async () => await journal.AppendAsync([]), Throws.ArgumentException);

        Assert.That(await journal.AppendAsync(Events(1, 1)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_cancelled_append_counts_as_failed()
    {
        var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 1));
        using var cancellation = new CancellationTokenSource();
        var cancelled = journal.AppendAsync(Events(2, 1), cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        var wasCancelled = false;
        try
        {
            await cancelled.WaitAsync(Patience);
        }
        catch (OperationCanceledException)
        {
            wasCancelled = true;
        }

        if (wasCancelled) Assert.That(async () => await journal.AppendAsync(Events(3, 1)), Throws.InstanceOf<JournalException>());
        journal = await (await ReopenAsync()).OpenAsync("master");
        var texts = Texts(await ReadAsync(journal));
        Assert.That(texts, wasCancelled ? Is.EqualTo(Names(1, 1)).Or.EqualTo(Names(1, 2)) : Is.EqualTo(Names(1, 2)));
    }

    [Test]
    public async Task A_token_that_is_cancelled_before_the_call_does_nothing()
    {
        await using var journal = await Store.OpenAsync("master");
        var cancelled = new CancellationToken(canceled: true);

        Assert.That(async () => await journal.AppendAsync(Events(1, 1), cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await journal.SaveSnapshotAsync(new JournalSnapshot(0, new byte[1]), cancelled),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await journal.TruncateAsync(0, cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await journal.ReadSnapshotAsync(cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await Store.OpenAsync("other", epoch: null, cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await Store.OpenReaderAsync("master", cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await Store.ListAsync(cancelled), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(await ReadAsync(journal), Is.Empty);
        Assert.That(await Store.ListAsync(), Is.EqualTo(new[] { "master" }));
    }

    [Test]
    public async Task Reading_can_be_cancelled_between_events()
    {
        await using var journal = await Store.OpenAsync("master");
        await journal.AppendAsync(Events(1, 10));
        using var cancellation = new CancellationTokenSource();

        var read = 0;
        Assert.That(
            async () =>
            {
                await foreach (var entry in journal.ReadAsync(0, cancellation.Token))
                {
                    read++;
                    if (entry.Sequence == 3) await cancellation.CancelAsync();
                }
            },
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That(read, Is.EqualTo(3));
    }
}
