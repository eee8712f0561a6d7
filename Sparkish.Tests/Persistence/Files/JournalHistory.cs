using System.Globalization;
using System.Text;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Tests.Persistence.Files;

/// <summary>What a test asks of a journal.</summary>
internal enum JournalCommand
{
    Append,
    AppendMany,
    Snapshot,
    Truncate,
    Reopen,
}

/// <summary>What was appended to a journal and what of it was acknowledged, through all its crashes; compares that with what the journal says.</summary>
internal sealed class JournalHistory
{
    public static readonly FileJournalOptions SmallSegments = new() { SegmentBytes = 600 };

    private readonly List<string> _events = [];
    private readonly SortedSet<long> _ends = [0];
    private long _acknowledged;
    private long _snapshotTried;
    private long _snapshotAcknowledged;
    private int _number;

    /// <summary>How many events were acknowledged.</summary>
    public long Acknowledged => _acknowledged;

    /// <summary>Opens the journal, checks it, and does some commands, until done or the process dies.</summary>
    public void Run(FaultFiles files, IReadOnlyList<JournalCommand> commands)
    {
        try
        {
            files.Run(async () =>
            {
                var store = NewStore(files);
                var journal = await OpenAsync(store);
                foreach (var command in commands) journal = await DoAsync(store, journal, command);
                await store.DisposeAsync();
                return true;
            });
        }
        catch (Exception e) when (e is CrashException or JournalException { InnerException: CrashException })
        {
            // As planned.
        }
    }

    /// <summary>Checks that all that was acknowledged is there, and nothing that never was or only half.</summary>
    public async Task<IJournal> OpenAsync(IJournalStore store)
    {
        var journal = await store.OpenAsync("j");
        var last = journal.LastSequence;
        Assert.That(last, Is.GreaterThanOrEqualTo(_acknowledged), "every acknowledged event is there");
        Assert.That(_ends, Does.Contain(last), "no half of a batch is there");
        _events.RemoveRange((int)last, _events.Count - (int)last);
        _ends.RemoveWhere(end => end > last);
        _acknowledged = last;
        var snapshot = await journal.ReadSnapshotAsync();
        Assert.That(snapshot?.Sequence ?? 0, Is.InRange(_snapshotAcknowledged, _snapshotTried));
        if (snapshot is { } found) Assert.That(Encoding.UTF8.GetString(found.Payload.Span), Is.EqualTo(StateAt(found.Sequence)));
        _snapshotTried = _snapshotAcknowledged = snapshot?.Sequence ?? 0;
        await AssertEventsAsync(journal, _snapshotAcknowledged, _snapshotAcknowledged);
        await AssertEventsAsync(journal, 0, _snapshotAcknowledged);
        return journal;
    }

    public static IJournalStore NewStore(FaultFiles files, Microsoft.Extensions.Logging.ILogger? log = null) =>
        new FileJournalStore(files, SmallSegments, log ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    /// <summary>Adds a batch to the history as tried.</summary>
    public ReadOnlyMemory<byte>[] NextBatch(int count)
    {
        var batch = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < count; i++)
        {
            _events.Add(string.Create(CultureInfo.InvariantCulture, $"event {++_number}{new string('.', _number % 23)}"));
            batch[i] = Encoding.UTF8.GetBytes(_events[^1]);
        }

        _ends.Add(_events.Count);
        return batch;
    }

    public void Acknowledge(long sequence) => _acknowledged = Math.Max(_acknowledged, sequence);

    private async Task<IJournal> DoAsync(IJournalStore store, IJournal journal, JournalCommand command)
    {
        switch (command)
        {
            case JournalCommand.Append:
                await AppendAsync(journal, 1);
                return journal;
            case JournalCommand.AppendMany:
                await Task.WhenAll(AppendAsync(journal, 2), AppendAsync(journal, 1), AppendAsync(journal, 3));
                return journal;
            case JournalCommand.Snapshot:
                _snapshotTried = _acknowledged;
                await journal.SaveSnapshotAsync(new JournalSnapshot(_acknowledged, Encoding.UTF8.GetBytes(StateAt(_acknowledged))));
                _snapshotAcknowledged = _snapshotTried;
                return journal;
            case JournalCommand.Truncate:
                await journal.TruncateAsync(_snapshotAcknowledged);
                return journal;
            default:
                await journal.DisposeAsync();
                return await OpenAsync(store);
        }
    }

    private async Task AppendAsync(IJournal journal, int count)
    {
        var batch = NextBatch(count);
        var last = _events.Count;
        var sequence = await journal.AppendAsync(batch);
        Assert.That(sequence, Is.EqualTo(last));
        Acknowledge(sequence);
    }

    private async Task AssertEventsAsync(IJournal journal, long after, long snapshot)
    {
        var next = 0L;
        await foreach (var entry in journal.ReadAsync(after))
        {
            if (next == 0) Assert.That(entry.Sequence, after > 0 ? Is.EqualTo(after + 1) : Is.InRange(1, snapshot + 1));
            else Assert.That(entry.Sequence, Is.EqualTo(next));
            Assert.That(Encoding.UTF8.GetString(entry.Payload.Span), Is.EqualTo(_events[(int)entry.Sequence - 1]));
            next = entry.Sequence + 1;
        }

        Assert.That(next, Is.EqualTo(_events.Count + 1).Or.EqualTo(_events.Count <= snapshot ? 0 : -1));
    }

    private static string StateAt(long sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"state after {sequence} {new string('s', (int)sequence % 40)}");
}
