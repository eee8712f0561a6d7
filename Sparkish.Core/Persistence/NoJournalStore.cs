namespace Sparkish.Persistence;

/// <summary>
/// Stores nothing: appends and snapshots are acknowledged and discarded, so an endpoint has no events after a restart. Within the process, events are numbered
/// and epochs are counted and fenced as in other stores; the count ends with the store.
/// </summary>
public sealed class NoJournalStore : IJournalStore
{
    private readonly SortedDictionary<string, NoJournal> _journals = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private bool _isDisposed;

    /// <inheritdoc/>
    public ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        if (epoch is < 1)
            throw new ArgumentOutOfRangeException(nameof(epoch), epoch, "The epoch of a journal must be 1 or more; omit it to use the next one.");
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var previous = _journals.GetValueOrDefault(name);
            var last = previous?.Epoch ?? 0;
            var goesOn = epoch == last && previous is { IsClosed: true };
            if (epoch <= last && !goesOn) throw new StaleEpochException(name, epoch.Value, last);
            var journal = new NoJournal(name, epoch ?? last + 1, previous?.LastSequence ?? 0);
            previous?.Fence(journal.Epoch);
            _journals[name] = journal;
            return ValueTask.FromResult<IJournal>(journal);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _journals.ContainsKey(name)
                ? ValueTask.FromResult<IJournalReader>(new NoJournal(name, epoch: 1, lastSequence: 0))
                : throw new JournalException($"There is no journal '{name}': spark.deploy.recoveryMode NONE stores no journal.");
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return ValueTask.FromResult<IReadOnlyList<string>>([.. _journals.Keys]);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<NoJournal> journals;
        lock (_lock)
        {
            _isDisposed = true;
            journals = [.. _journals.Values];
        }

        foreach (var journal in journals) await journal.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>A journal that forgets.</summary>
internal sealed class NoJournal(string name, long epoch, long lastSequence) : IJournal
{
    private readonly Lock _lock = new();
    private long? _successor;
    private long _last = lastSequence;
    private long? _snapshot;
    private bool _isClosed;

    public string Name => name;

    public long Epoch => epoch;

    public long LastSequence => Volatile.Read(ref _last);

    public bool IsClosed => Volatile.Read(ref _isClosed);

    public void Fence(long current)
    {
        lock (_lock) _successor = current;
    }

    public ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default)
    {
        JournalBatches.Check(events);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Check();
            return ValueTask.FromResult(_last += events.Count);
        }
    }

    public ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Check();
            JournalBatches.Check(snapshot, _last, _snapshot);
            _snapshot = snapshot.Sequence;
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Check();
            JournalBatches.CheckTruncation(throughSequence, _snapshot);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<JournalSnapshot?>(null);
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return AsyncEnumerable.Empty<JournalEntry>();
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock) _isClosed = true;
        return ValueTask.CompletedTask;
    }

    // Under the lock.
    private void Check()
    {
        if (_successor is { } current) throw new StaleEpochException(name, epoch, current);
        ObjectDisposedException.ThrowIf(_isClosed, this);
    }
}
