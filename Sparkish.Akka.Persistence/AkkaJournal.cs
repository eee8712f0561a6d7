using Microsoft.Extensions.Logging;
using Sparkish.Akka.Persistence.Configuration;
using Sparkish.Akka.Persistence.Plugins;
using Sparkish.Akka.Persistence.Records;
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Akka.Persistence;

/// <summary>A journal that was claimed under an epoch.</summary>
internal sealed class AkkaJournal : IJournal
{
    // The snapshots of one opening have the number of its claim in front, so that no two writers ever use one number.
    private const int SnapshotBits = 20;

    private readonly RecordLog _log;
    private readonly SnapshotPlugin _snapshots;
    private readonly string _snapshotsId;
    private readonly AkkaJournalReader _reader;
    private readonly RecordGroupWriter _writer;
    private readonly GroupCommit _commits;
    private readonly ILogger _logger;
    private readonly Action<AkkaJournal> _closed;
    private readonly long _claim;
    private long? _saved;
    private int _snapshotsTaken;
    private int _disposed;

    public AkkaJournal(
        string name, RecordLog log, SnapshotPlugin snapshots, string snapshotsId, JournalPosition claim, AppendLimits limits, TimeProvider time, ILogger logger,
        Action<AkkaJournal> closed)
    {
        (Name, Epoch, _claim, _saved) = (name, claim.Epoch, claim.Claim, claim.Snapshot?.Sequence);
        (_log, _snapshots, _snapshotsId, _logger, _closed) = (log, snapshots, snapshotsId, logger, closed);
        _reader = new AkkaJournalReader(name, log, snapshots, snapshotsId);
        _writer = new RecordGroupWriter(name, log, claim, time);
        _commits = new GroupCommit(name, log.Place, _writer, limits, claim.LastSequence, error => logger.JournalFailed(name, error.Message));
    }

    public string Name { get; }

    public long Epoch { get; }

    public long LastSequence => _commits.LastSequence;

    /// <summary>The number of the last acknowledged record.</summary>
    public long LastRecord => _writer.Position.Record;

    public ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default) =>
        _commits.AppendAsync(events, cancellationToken);

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default) => _reader.ReadSnapshotAsync(cancellationToken);

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(afterSequence, cancellationToken);

    public async ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        _commits.ThrowIfRefused();
        JournalBatches.Check(snapshot, LastSequence, _saved);
        var number = NextSnapshotNumber();
        await _snapshots.SaveAsync(_snapshotsId, number, snapshot.Payload, cancellationToken).ConfigureAwait(false);
        var reference = new SnapshotReference(
            number, snapshot.Sequence, snapshot.Payload.Length, StoredChecksum.Of(_snapshotsId, number, snapshot.Payload.Span));
        await _commits.RunAsync(new MarkWork(position => position with { Snapshot = reference }), "a snapshot", cancellationToken).ConfigureAwait(false);
        _saved = snapshot.Sequence;
        await DeleteEarlierSnapshotsAsync(number).ConfigureAwait(false);
    }

    public async ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default)
    {
        _commits.ThrowIfRefused();
        JournalBatches.CheckTruncation(throughSequence, _saved);
        var (first, last) = (_writer.Position.FirstRecord, _writer.Position.Record);
        var kept = throughSequence == 0 ? first : await _log.FindFirstBeyondAsync(throughSequence, first, last, cancellationToken).ConfigureAwait(false);

        // Every later record tells what counts, before anything is deleted: so a reader never takes a deletion for a loss.
        await _commits.RunAsync(new MarkWork(position => position with { FirstRecord = kept }), "a truncation", cancellationToken).ConfigureAwait(false);
        if (kept > 1) await _log.DeleteBeforeAsync(kept, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _commits.CloseAsync(() => new ObjectDisposedException(nameof(IJournal), $"The journal '{Name}' is closed.")).ConfigureAwait(false);
        _closed(this);
    }

    private long NextSnapshotNumber() => _snapshotsTaken + 1 < 1 << SnapshotBits
        ? checked((_claim << SnapshotBits) + ++_snapshotsTaken)
        : throw new JournalException($"Journal '{Name}' has saved {_snapshotsTaken} snapshots since it was opened: open it again.");

    private async Task DeleteEarlierSnapshotsAsync(long number)
    {
        try
        {
            await _snapshots.DeleteBelowAsync(_snapshotsId, number, CancellationToken.None).ConfigureAwait(false);
        }
        catch (JournalException error)
        {
            _logger.SnapshotsKept(Name, error.Message); // the next snapshot deletes them
        }
    }
}
