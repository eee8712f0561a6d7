using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence;

/// <content>Appends that wait: how many may, and what becomes of them. A large batch keeps the store busy, so that those behind it wait.</content>
public abstract partial class JournalContract
{
    private static readonly AppendLimits Small = new() { MaxWaitingBytes = IJournal.MaxBatchBytes, MaxWaitingAppends = 3 };

    [Test]
    public async Task More_bytes_than_may_wait_are_refused_at_once_and_the_journal_goes_on()
    {
        var journal = await (await ReopenAsync(Small)).OpenAsync("master");
        var first = journal.AppendAsync([Event(1, IJournal.MaxBatchBytes - 7)]).AsTask();
        var second = journal.AppendAsync(Events(2, 1)).AsTask();

        var refused = journal.AppendAsync(Events(3, 1)).AsTask();

        Assert.That(refused.IsFaulted, "without waiting");
        var error = Assert.ThrowsAsync<JournalOverloadedException>(() => refused);
        Assert.That(error!.Message, Does.Contain("'master'").And.Contain("16777216 bytes").And.Contain("spark.journal.maxWaitingBytes"));
        Assert.That(await Task.WhenAll(first, second).WaitAsync(Patience), Is.EqualTo(new[] { 1L, 2L }));
        Assert.That(await journal.AppendAsync(Events(3, 1)), Is.EqualTo(3), "there is room again");
        Assert.That((await ReadAsync(journal)).Select(entry => entry.Payload.Length), Is.EqualTo(new[] { IJournal.MaxBatchBytes - 7, 7, 7 }));
    }

    [Test]
    public async Task More_appends_than_may_wait_are_refused_at_once_and_the_journal_goes_on()
    {
        var journal = await (await ReopenAsync(Small)).OpenAsync("master");
        var taken = new[] { journal.AppendAsync([Event(1, 8 << 20)])
            .AsTask(), journal.AppendAsync(Events(2, 2)).AsTask(), journal.AppendAsync(Events(4, 1)).AsTask() };

        var refused = journal.AppendAsync(Events(5, 1)).AsTask();

        Assert.That(refused.IsFaulted, "without waiting");
        Assert.That(Assert.ThrowsAsync<JournalOverloadedException>(() => refused)!.Message, Does.Contain("3 appends")
            .And.Contain("spark.journal.maxWaitingAppends"));
        Assert.That(await Task.WhenAll(taken).WaitAsync(Patience), Is.EqualTo(new[] { 1L, 3L, 4L }));
        Assert.That(await journal.AppendAsync(Events(5, 1)), Is.EqualTo(5));
        Assert.That(Texts((await ReadAsync(journal, 1))), Is.EqualTo(Names(2, 4)));
    }

    [Test]
    public async Task A_cancelled_append_ends_the_journal_and_what_was_taken_before_is_still_done_in_order()
    {
        var journal = await Store.OpenAsync("master");
        using var cancellation = new CancellationTokenSource();
        var first = journal.AppendAsync([Event(1, 8 << 20)]).AsTask();
        var cancelled = journal.AppendAsync(Events(2, 1), cancellation.Token).AsTask();
        var third = journal.AppendAsync(Events(3, 1)).AsTask();

        await cancellation.CancelAsync();

        Assert.That(() => cancelled, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await journal.AppendAsync(Events(4, 1)), Throws.TypeOf<JournalException>()
            .With.Message.Contains("accepts no more writes until it is reopened: an append was cancelled"));
        Assert.That(await Task.WhenAll(first, third).WaitAsync(Patience), Is.EqualTo(new[] { 1L, 3L }));
        Assert.That(Texts(await ReadAsync(journal, 1)), Is.EqualTo(Names(2, 2)));
    }

    [Test]
    public async Task After_a_write_that_failed_nothing_is_acknowledged_and_nothing_taken()
    {
        var journal = await Store.OpenAsync("master", epoch: 1);
        await journal.AppendAsync(Events(1, 1));
        var next = await (await SomebodyElseAsync()).OpenAsync("master", epoch: 2);

        var appends = Enumerable.Range(2, 50).Select(i => journal.AppendAsync(Events(i, 1)).AsTask()).ToList();

        foreach (var append in appends) Assert.That(async () => await append.WaitAsync(Patience), Throws.TypeOf<StaleEpochException>());
        Assert.That(async () => await journal.AppendAsync(Events(2, 1)), Throws.TypeOf<StaleEpochException>());
        Assert.That((journal.LastSequence, next.LastSequence), Is.EqualTo((1L, 1L)));
        Assert.That(Texts(await ReadAsync(next)), Is.EqualTo(Names(1, 1)));
    }
}
