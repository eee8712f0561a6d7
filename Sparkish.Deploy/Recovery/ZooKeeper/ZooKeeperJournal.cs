using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>An open journal in ZooKeeper.</summary>
internal sealed class ZooKeeperJournal : IJournal
{
    private readonly JournalNodes _nodes;
    private readonly JournalReading _reading;
    private readonly ZooKeeperGroupWriter _groups;
    private readonly GroupCommit _commits;
    private readonly string _writer;
    private readonly CancellationTokenSource _givesUp = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SnapshotPlace? _snapshot;
    private int _snapshots;
    private int _disposed;

    public ZooKeeperJournal(JournalNodes nodes, OpenedJournal opened, AppendLimits limits, ILogger log)
    {
        (_nodes, _reading, _writer, Epoch, _snapshot) = (nodes, new JournalReading(nodes), opened.Head.Writer, opened.Head.Epoch, opened.Head.Snapshot);
        _groups = new ZooKeeperGroupWriter(nodes, opened, _givesUp.Token);
        _commits = new GroupCommit(Name, "ZooKeeper", _groups, limits, opened.Head.LastSequence, error => log.JournalFailed(Name, error.Message));
    }

    public string Name => _nodes.Name;

    public long Epoch { get; }

    public long LastSequence => _commits.LastSequence;

    /// <summary>Whether it was disposed and does nothing any more.</summary>
    public bool IsClosed => _closed.Task.IsCompleted;

    /// <summary>The number of the last acknowledged transaction, for programs that look for it in the servers' logs; 0 where its answer was lost.</summary>
    public long LastZxid => _groups.LastZxid;

    /// <summary>The writer in its head.</summary>
    public string Writer => _writer;

    public ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default) =>
        _commits.AppendAsync(events, cancellationToken);

    public async ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _commits.ThrowIfRefused();
        JournalBatches.Check(snapshot, LastSequence, _snapshot?.Sequence);
        SnapshotPlace place;
        try
        {
            // Checked first to avoid a needless large write; the change of the head below decides.
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

        var old = _snapshot is { } before
            ? Enumerable.Range(0, before.Parts).Select(number => new ZooKeeperOperation.Delete(_nodes.Part(before.Blob, number)))
            : [];
        await ChangeAsync(head => head with { Snapshot = place }, [.. old], "a snapshot", cancellationToken).ConfigureAwait(false);
        _snapshot = place;
    }

    public async ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _commits.ThrowIfRefused();
        JournalBatches.CheckTruncation(throughSequence, _snapshot?.Sequence);
        try
        {
            // In ascending order, so that an interruption leaves no gap.
            var deletes = new List<ZooKeeperOperation>();
            await foreach (var delete in DeletesAsync(throughSequence, cancellationToken).ConfigureAwait(false))
            {
                deletes.Add(delete);
                if (deletes.Count < JournalOpening.OperationsAtOnce) continue;
                await ChangeAsync(head => head, [.. deletes], "a truncation", cancellationToken).ConfigureAwait(false);
                deletes.Clear();
            }

            // Even if there is nothing to delete: a writer that lost its epoch gets an error.
            await ChangeAsync(head => head, [.. deletes], "a truncation", cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(Name, e);
        }
    }

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, typeof(IJournal));
        return _reading.ReadSnapshotAsync(cancellationToken);
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, typeof(IJournal));
        return _reading.ReadAsync(afterSequence, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            var closing = _commits.CloseAsync(() => new ObjectDisposedException(nameof(IJournal), $"The journal '{Name}' is closed."));
            await _givesUp.CancelAsync().ConfigureAwait(false);
            await closing.ConfigureAwait(false);
            _givesUp.Dispose();
            _closed.SetResult();
        }

        await _closed.Task.ConfigureAwait(false);
    }

    private Task ChangeAsync(
        Func<JournalHead, JournalHead> change, IReadOnlyList<ZooKeeperOperation> operations, string what, CancellationToken cancellationToken) =>
        _commits.RunAsync(new ChangeWork(change, operations), what, cancellationToken);

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

            // A group with a successor gets no further batch.
            if (i + 1 < groups.Count && groups[i + 1] - 1 <= throughSequence) yield return new ZooKeeperOperation.Delete(_nodes.Group(groups[i]));
        }
    }

    private StaleEpochException Stale(long current)
    {
        _commits.Refuse(() => new StaleEpochException(Name, Epoch, current));
        return new StaleEpochException(Name, Epoch, current);
    }
}
