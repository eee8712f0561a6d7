using Microsoft.Extensions.Logging;

namespace Sparkish.Persistence.Files;

/// <summary>
/// An open journal. Appends gather in a group while the one before is written and flushed; whoever finds nothing under way starts the work, which goes on
/// until no more has gathered. So each group costs one flush however many appends are in it, and no thread waits for work.
/// </summary>
internal sealed partial class FileJournal : IJournal
{
    private readonly Lock _lock = new();
    private readonly JournalDirectory _directory;
    private readonly FileJournalOptions _options;
    private readonly SegmentLog _segments;
    private readonly ILogger _log;
    private IDisposable? _lease;
    private long? _snapshot;
    private long _lastSequence;

    // Under the lock:
    private AppendGroup? _gathering;
    private Truncation? _truncation;
    private TaskCompletionSource? _working; // completes when nothing is left to do
    private TaskCompletionSource? _closed;
    private Func<Exception>? _refusal; // why nothing is taken any more
    private long _enqueued;
    private long _waitingBytes;

    /// <param name="directory">The journal's.</param>
    /// <param name="opened">What opening it gave.</param>
    /// <param name="lease">The lock, given back when the journal is closed.</param>
    /// <param name="options">Of the store.</param>
    /// <param name="log">Where the operator looks.</param>
    public FileJournal(JournalDirectory directory, OpenedJournal opened, IDisposable lease, FileJournalOptions options, ILogger log)
    {
        _directory = directory;
        _segments = opened.Log;
        _snapshot = opened.Snapshot;
        _lease = lease;
        _options = options;
        _log = log;
        Epoch = opened.Epoch;
        _enqueued = _lastSequence = _segments.NextSequence - 1;
    }

    public string Name => _directory.Name;

    public long Epoch { get; }

    public long LastSequence => Volatile.Read(ref _lastSequence);

    /// <summary>Whether it was disposed, or fenced.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock) return _closed is not null;
        }
    }

    public async ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default)
    {
        var bytes = JournalBatches.Check(events);
        if (events.Count > RecordHeader.MaxCount)
            throw new ArgumentException($"The batch has {events.Count} events but may have {RecordHeader.MaxCount}: append several.", nameof(events));
        cancellationToken.ThrowIfCancellationRequested();
        Task<long> completion;
        bool starts;
        lock (_lock)
        {
            ThrowIfRefused();
            if (_waitingBytes + bytes > _options.MaxWaitingBytes)
            {
                Refuse(Overloaded);
                ThrowIfRefused();
            }

            _gathering ??= new AppendGroup(_directory.Files.Completions);
            completion = _gathering.Add(events, bytes, _enqueued += events.Count);
            _waitingBytes += bytes;
            starts = StartsWork();
        }

        if (starts) _ = WorkAsync();
        try
        {
            return await completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            lock (_lock) Refuse(() => Failed($"an append was cancelled, and whether it is there is not known", cause: null));
            throw;
        }
    }

    public async ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) ThrowIfRefused();
        JournalBatches.Check(snapshot, LastSequence, _snapshot);
        await _directory.Files.RunAsync(() => Save(snapshot)).ConfigureAwait(false);
    }

    public async ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        JournalBatches.CheckTruncation(throughSequence, _snapshot);
        var truncation = new Truncation(throughSequence, _directory.Files.Completions);
        bool starts;
        lock (_lock)
        {
            ThrowIfRefused();
            if (_truncation is not null) throw new InvalidOperationException("A truncation of this journal is under way: await it first.");
            _truncation = truncation;
            starts = StartsWork();
        }

        if (starts) _ = WorkAsync();
        await truncation.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
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

    /// <summary>Closes the journal in favour of a later term: what is being written is finished, all else refused.</summary>
    /// <returns>The lock, unless the journal was closed before.</returns>
    public async Task<IDisposable?> FenceAsync(long current)
    {
        AppendGroup? gathering;
        lock (_lock)
        {
            if (_closed is null) _refusal = () => new StaleEpochException(Name, Epoch, current);
            gathering = _gathering;
            _gathering = null;
        }

        gathering?.Fail(new StaleEpochException(Name, Epoch, current));
        await CloseAsync(() => new StaleEpochException(Name, Epoch, current)).ConfigureAwait(false);
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
            End(e);
            throw;
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            throw _directory.Failed($"given a snapshot of {snapshot.Sequence} events", e, "The snapshot before stays. Make room on the disk or repair it, and save it again.");
        }
    }

    private JournalException Overloaded() => Failed(
        $"more than {_options.MaxWaitingBytes} bytes of events waited for the disk ({nameof(FileJournalOptions)}.{nameof(FileJournalOptions.MaxWaitingBytes)}); wait for appends before making more",
        cause: null);

    private JournalException Failed(string why, Exception? cause) =>
        new($"The journal '{Name}' in '{_directory.FullName}' takes nothing more until it is opened again: {why}.", cause);

    private void ThrowIfClosed()
    {
        lock (_lock)
        {
            if (_closed is not null) throw _refusal!();
        }
    }

    // Under the lock.
    private void ThrowIfRefused()
    {
        if (_refusal is { } refusal) throw refusal();
    }

    // Under the lock. The first reason counts.
    private void Refuse(Func<Exception> why) => _refusal ??= why;
}
