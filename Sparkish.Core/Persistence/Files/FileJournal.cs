using Microsoft.Extensions.Logging;
using Sparkish.Persistence.Appending;

namespace Sparkish.Persistence.Files;

/// <summary>An open journal in files.</summary>
internal sealed class FileJournal : IJournal
{
    private readonly Lock _lock = new();
    private readonly JournalDirectory _directory;
    private readonly SegmentLog _segments;
    private readonly GroupCommit _commits;
    private readonly ILogger _log;
    private IDisposable? _lease;
    private long? _snapshot;
    private TaskCompletionSource? _closed; // under the lock

    /// <param name="directory">The journal's.</param>
    /// <param name="opened">The result of opening it.</param>
    /// <param name="lease">The lock, released when the journal is closed.</param>
    /// <param name="limits">Limits of waiting appends.</param>
    /// <param name="log">Logs failures.</param>
    public FileJournal(JournalDirectory directory, OpenedJournal opened, IDisposable lease, AppendLimits limits, ILogger log)
    {
        (_directory, _segments, _snapshot, _lease, _log) = (directory, opened.Log, opened.Snapshot, lease, log);
        Epoch = opened.Epoch;
        var writer = new FileGroupWriter(directory.Files, _segments);
        _commits = new GroupCommit(
            Name, $"'{directory.FullName}'", writer, limits, _segments.NextSequence - 1, error => _log.Ended(error, Name), directory.Files.Completions);
    }

    public string Name => _directory.Name;

    public long Epoch { get; }

    public long LastSequence => _commits.LastSequence;

    /// <summary>Whether it was disposed, or fenced.</summary>
    public bool IsClosed => _commits.IsClosed;

    public ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default)
    {
        if (events?.Count > RecordHeader.MaxCount)
            throw new ArgumentException($"The batch has {events.Count} events but may have {RecordHeader.MaxCount}: append several batches.", nameof(events));
        return _commits.AppendAsync(events!, cancellationToken);
    }

    public async ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _commits.ThrowIfRefused();
        JournalBatches.Check(snapshot, LastSequence, _snapshot);
        await _directory.Files.RunAsync(() => Save(snapshot)).ConfigureAwait(false);
    }

    public async ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        JournalBatches.CheckTruncation(throughSequence, _snapshot);
        await _commits.RunAsync(new Truncation(throughSequence, _directory.Files.Completions), "a truncation", cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return JournalReading.ReadSnapshotAsync(_directory, cancellationToken);
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return JournalReading.ReadAsync(_directory, afterSequence, LastSequence, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync(() => new ObjectDisposedException(nameof(IJournal), $"The journal '{Name}' is closed.")).ConfigureAwait(false);
        Interlocked.Exchange(ref _lease, null)?.Dispose();
    }

    /// <summary>Closes the journal in favour of a later term: running writes complete, and all other work is refused.</summary>
    /// <returns>The lock, unless the journal was closed before.</returns>
    public async Task<IDisposable?> FenceAsync(long current)
    {
        Exception Stale() => new StaleEpochException(Name, Epoch, current);
        _commits.Fence(Stale);
        await CloseAsync(Stale).ConfigureAwait(false);
        return Interlocked.Exchange(ref _lease, null);
    }

    private bool Save(JournalSnapshot snapshot)
    {
        var file = new SnapshotFile(snapshot.Sequence, Epoch);
        try
        {
            _directory.ThrowIfStale(Epoch);
            file.Save(_directory, snapshot.Payload);
            _snapshot = snapshot.Sequence;
            foreach (var old in SnapshotFile.In(_directory).Where(other => other < file)) _directory.Delete(old.FileName);
            return true;
        }
        catch (StaleEpochException e)
        {
            _commits.Refuse(() => new StaleEpochException(Name, Epoch, e.Current));
            throw;
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            throw _directory.Failed(
                $"given a snapshot of {snapshot.Sequence} events", e, "The previous snapshot remains. Make room on the disk or repair it, then save again.");
        }
    }

    private void ThrowIfClosed()
    {
        if (IsClosed) _commits.ThrowIfRefused();
    }

    private async Task CloseAsync(Func<Exception> refusal)
    {
        TaskCompletionSource closed;
        Task? before;
        lock (_lock)
        {
            before = _closed?.Task;
            closed = _closed ??= new TaskCompletionSource(_directory.Files.Completions);
        }

        if (before is not null)
        {
            await before.ConfigureAwait(false);
            return;
        }

        await _commits.CloseAsync(refusal).ConfigureAwait(false);
        try
        {
            await _directory.Files.RunAsync(Dispose).ConfigureAwait(false);
            closed.SetResult();
        }
        catch (Exception e)
        {
            closed.SetException(e);
            throw;
        }
    }

    private bool Dispose()
    {
        _segments.Dispose();
        return true;
    }
}
