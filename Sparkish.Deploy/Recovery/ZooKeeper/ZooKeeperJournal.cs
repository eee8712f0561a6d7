using System.Runtime.CompilerServices;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>An open journal in ZooKeeper.</summary>
internal sealed class ZooKeeperJournal : IJournal
{
    private readonly JournalNodes _nodes;
    private readonly JournalReading _reading;
    private readonly JournalQueue _queue;
    private readonly string _writer;
    private readonly CancellationTokenSource _givesUp = new();
    private readonly Task _working;
    private long _lastSequence;
    private SnapshotPlace? _snapshot;
    private int _snapshots;
    private bool _closed;

    public ZooKeeperJournal(JournalNodes nodes, OpenedJournal opened)
    {
        (_nodes, _reading, _writer, Epoch) = (nodes, new JournalReading(nodes), opened.Head.Writer, opened.Head.Epoch);
        (_lastSequence, _snapshot) = (opened.Head.LastSequence, opened.Head.Snapshot);
        _queue = new JournalQueue(_lastSequence);
        _working = new JournalLane(nodes, opened, _queue, last => Volatile.Write(ref _lastSequence, last)).RunAsync(_givesUp.Token);
    }

    public string Name => _nodes.Name;

    public long Epoch { get; }

    public long LastSequence => Volatile.Read(ref _lastSequence);

    /// <summary>Whether it was disposed and does nothing any more.</summary>
    public bool IsClosed => _closed && _working.IsCompleted;

    /// <summary>Who opened it, in its head.</summary>
    public string Writer => _writer;

    public async ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default)
    {
        var work = new AppendWork(events) { Bytes = JournalBatches.Check(events) };
        cancellationToken.ThrowIfCancellationRequested();
        var last = _queue.Enqueue(work, Overloaded);
        await DoneAsync(work, $"the append of event {last}", cancellationToken).ConfigureAwait(false);
        return last;
    }

    public async ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _queue.ThrowIfRefused();
        JournalBatches.Check(snapshot, LastSequence, _snapshot?.Sequence);
        SnapshotPlace place;
        try
        {
            // Before anything large is written for nothing; what counts is the change of the head below.
            var (head, _) = await _nodes.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
            if (head.Writer != _writer) throw Stale(head.Epoch);
            var blob = $"{_writer}.s{++_snapshots}";
            var parts = await _nodes.WritePartsAsync(blob, snapshot.Payload, cancellationToken).ConfigureAwait(false);
            place = new SnapshotPlace(snapshot.Sequence, blob, parts, snapshot.Payload.Length);
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(Name, e);
        }

        var old = _snapshot is { } before ? Enumerable.Range(0, before.Parts).Select(number => new ZooKeeperOperation.Delete(_nodes.Part(before.Blob, number))) : [];
        await ChangeAsync(head => head with { Snapshot = place }, [.. old], "a snapshot", cancellationToken).ConfigureAwait(false);
        _snapshot = place;
    }

    public async ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _queue.ThrowIfRefused();
        JournalBatches.CheckTruncation(throughSequence, _snapshot?.Sequence);
        try
        {
            // From the first on, so that what is there has no gap wherever this is interrupted.
            var deletes = new List<ZooKeeperOperation>();
            await foreach (var delete in DeletesAsync(throughSequence, cancellationToken).ConfigureAwait(false))
            {
                deletes.Add(delete);
                if (deletes.Count < JournalOpening.OperationsAtOnce) continue;
                await ChangeAsync(head => head, [.. deletes], "a truncation", cancellationToken).ConfigureAwait(false);
                deletes.Clear();
            }

            // Also where there is nothing to delete: who may not write is told so.
            await ChangeAsync(head => head, [.. deletes], "a truncation", cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(Name, e);
        }
    }

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(IJournal));
        return _reading.ReadSnapshotAsync(cancellationToken);
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(IJournal));
        return _reading.ReadAsync(afterSequence, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            _queue.Refuse(() => new ObjectDisposedException(nameof(IJournal), $"The journal '{Name}' is closed."));
            await _givesUp.CancelAsync().ConfigureAwait(false);
        }

        await _working.ConfigureAwait(false);
        _givesUp.Dispose();
    }

    private Task ChangeAsync(Func<JournalHead, JournalHead> change, IReadOnlyList<ZooKeeperOperation> operations, string what, CancellationToken cancellationToken)
    {
        var work = new ChangeWork(change, operations);
        _queue.Enqueue(work, Overloaded);
        return DoneAsync(work, what, cancellationToken);
    }

    private async Task DoneAsync(JournalWork work, string what, CancellationToken cancellationToken)
    {
        try
        {
            await work.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _queue.Refuse(() => new JournalException($"The journal '{Name}' in ZooKeeper takes nothing more until it is opened again: {what} was cancelled, and whether it was done is not known."));
            throw;
        }
    }

    private async IAsyncEnumerable<ZooKeeperOperation> DeletesAsync(long throughSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var groups = await _nodes.GroupsAsync(cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < groups.Count && groups[i] <= throughSequence; i++)
        {
            var batches = await _nodes.BatchesAsync(groups[i], cancellationToken).ConfigureAwait(false);
            foreach (var batch in batches.Where(batch => batch.Last <= throughSequence))
            {
                yield return new ZooKeeperOperation.Delete(_nodes.Batch(groups[i], batch));
                for (var number = 0; number < batch.Parts; number++) yield return new ZooKeeperOperation.Delete(_nodes.Part(batch.Blob!, number));
            }

            // A group that is followed by another gets no batch any more.
            if (i + 1 < groups.Count && groups[i + 1] - 1 <= throughSequence) yield return new ZooKeeperOperation.Delete(_nodes.Group(groups[i]));
        }
    }

    private StaleEpochException Stale(long current)
    {
        _queue.Refuse(() => new StaleEpochException(Name, Epoch, current));
        return new StaleEpochException(Name, Epoch, current);
    }

    private JournalException Overloaded() => new($"The journal '{Name}' in ZooKeeper takes nothing more until it is opened again: "
        + $"more than {JournalQueue.MaxWaitingBytes} bytes of events waited for the servers; wait for appends before making more.");
}
