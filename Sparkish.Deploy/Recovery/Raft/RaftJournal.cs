using Microsoft.Extensions.Logging;
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>An open journal of a Raft group, on the member that leads it.</summary>
internal sealed class RaftJournal : IJournal
{
    private readonly JournalTable _table;
    private readonly string _key;
    private readonly GroupCommit _commits;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _snapshot;
    private int _disposed;

    public RaftJournal(RaftNode node, string name, string key, Guid writer, RaftOutcome opened, AppendLimits limits, ILogger log)
    {
        (_table, Name, _key, Writer, Epoch, _snapshot) = (node.Table, name, key, writer, opened.Epoch, opened.Snapshot);
        _commits = new GroupCommit(
            name, "the Raft group", new RaftGroupWriter(node, name, key, writer, opened.Epoch), limits, opened.LastSequence,
            error => log.RaftJournalFailed(name, error.Message));
    }

    public string Name { get; }

    public long Epoch { get; }

    /// <summary>Identifies this opening.</summary>
    public Guid Writer { get; }

    public long LastSequence => _commits.LastSequence;

    /// <summary>Whether it was disposed and does nothing any more.</summary>
    public bool IsClosed => _closed.Task.IsCompleted;

    public ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default) =>
        _commits.AppendAsync(events, cancellationToken);

    public async ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _commits.ThrowIfRefused();
        JournalBatches.Check(snapshot, LastSequence, _snapshot);
        var save = new RaftCommand(RaftCommandKind.Snapshot, default) { Number = snapshot.Sequence, Body = snapshot.Payload };
        await _commits.RunAsync(new RaftWork(save), "a snapshot", cancellationToken).ConfigureAwait(false);
        _snapshot = snapshot.Sequence;
    }

    public async ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _commits.ThrowIfRefused();
        JournalBatches.CheckTruncation(throughSequence, _snapshot);
        var truncate = new RaftCommand(RaftCommandKind.Truncate, default) { Number = throughSequence };
        await _commits.RunAsync(new RaftWork(truncate), "a truncation", cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, typeof(IJournal));
        cancellationToken.ThrowIfCancellationRequested();
        return new(_table.SnapshotOf(_key));
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, typeof(IJournal));
        ArgumentOutOfRangeException.ThrowIfNegative(afterSequence);
        return RaftJournalReader.EnumerateAsync(_table, _key, afterSequence, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _commits.CloseAsync(() => new ObjectDisposedException(nameof(IJournal), $"The journal '{Name}' is closed.")).ConfigureAwait(false);
            _closed.SetResult();
        }

        await _closed.Task.ConfigureAwait(false);
    }
}
