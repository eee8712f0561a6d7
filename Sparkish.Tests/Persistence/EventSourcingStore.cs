using System.Runtime.CompilerServices;
using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence;

/// <summary>Journals in memory whose every step a test may hold up or let fail. Thread-safe.</summary>
internal sealed class EventSourcingStore : IJournalStore
{
    private readonly Dictionary<string, Log> _logs = new(StringComparer.Ordinal);

    /// <summary>Runs before events are stored: a test may wait in it, or throw.</summary>
    public Func<IReadOnlyList<ReadOnlyMemory<byte>>, Task> Appending { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Runs after events were stored and before that is acknowledged.</summary>
    public Func<Task> Appended { get; set; } = static () => Task.CompletedTask;

    /// <summary>Runs before a journal is opened.</summary>
    public Func<Task> Opening { get; set; } = static () => Task.CompletedTask;

    /// <summary>Runs before a snapshot is stored.</summary>
    public Func<Task> Saving { get; set; } = static () => Task.CompletedTask;

    /// <summary>Runs before a journal is closed.</summary>
    public Func<Task> Closing { get; set; } = static () => Task.CompletedTask;

    /// <summary>The sizes of the batches that were appended.</summary>
    public List<int> Batches { get; } = [];

    /// <summary>How many journals are open.</summary>
    public int Open { get; private set; }

    public IReadOnlyList<JournalEntry> Entries(string name)
    {
        lock (_logs) return [.. Find(name).Entries];
    }

    public JournalSnapshot? Snapshot(string name)
    {
        lock (_logs) return Find(name).Snapshot;
    }

    /// <summary>Puts events into a journal as if an endpoint had.</summary>
    public void Put(string name, params IEnumerable<byte[]> events)
    {
        lock (_logs)
        {
            var log = Find(name);
            foreach (var payload in events) log.Add(log.Epoch, payload);
        }
    }

    /// <summary>Puts a snapshot in place as if an endpoint had saved it.</summary>
    public void PutSnapshot(string name, JournalSnapshot snapshot)
    {
        lock (_logs) Find(name).Snapshot = snapshot;
    }

    public async ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default)
    {
        await Opening().WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_logs)
        {
            var log = Find(name);
            var next = epoch ?? log.Epoch + 1;
            if (next < log.Epoch || (next == log.Epoch && !log.IsReleased)) throw new StaleEpochException(name, next, log.Epoch);
            (log.Epoch, log.IsReleased) = (next, false);
            Open++;
            return new Journal(this, log, name, next);
        }
    }

    public ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default)
    {
        lock (_logs)
        {
            return _logs.TryGetValue(name, out var log)
                ? ValueTask.FromResult<IJournalReader>(new Journal(this, log, name, log.Epoch) { IsReader = true })
                : throw new JournalException($"There is no journal '{name}'.");
        }
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        lock (_logs) return ValueTask.FromResult<IReadOnlyList<string>>([.. _logs.Keys.Order(StringComparer.Ordinal)]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Log Find(string name)
    {
        lock (_logs)
        {
            if (!_logs.TryGetValue(name, out var log)) _logs.Add(name, log = new Log());
            return log;
        }
    }

    private sealed class Log
    {
        public long Epoch { get; set; }

        /// <summary>Whether the writer of the last epoch has closed it since, and may open it again under the same epoch.</summary>
        public bool IsReleased { get; set; }

        public long Last { get; private set; }

        public List<JournalEntry> Entries { get; } = [];

        public JournalSnapshot? Snapshot { get; set; }

        public void Add(long epoch, ReadOnlyMemory<byte> payload) => Entries.Add(new JournalEntry(++Last, epoch, payload));
    }

    private sealed class Journal(EventSourcingStore store, Log log, string name, long epoch) : IJournal
    {
        private bool _isDisposed;

        public bool IsReader { get; init; }

        public string Name => name;

        public long Epoch => epoch;

        public long LastSequence { get; private set; } = log.Last;

        public async ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default)
        {
            Check();
            await store.Appending(events).ConfigureAwait(false);
            lock (store._logs)
            {
                if (log.Epoch != epoch) throw new StaleEpochException(name, epoch, log.Epoch);
                foreach (var payload in events) log.Add(epoch, payload);
                store.Batches.Add(events.Count);
                LastSequence = log.Last;
            }

            await store.Appended().ConfigureAwait(false);
            return LastSequence;
        }

        public async ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
        {
            Check();
            await store.Saving().ConfigureAwait(false);
            lock (store._logs)
            {
                if (log.Epoch != epoch) throw new StaleEpochException(name, epoch, log.Epoch);
                if (snapshot.Sequence > LastSequence) throw new ArgumentException($"Event {snapshot.Sequence} is not acknowledged.", nameof(snapshot));
                log.Snapshot = snapshot;
            }
        }

        public ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default)
        {
            Check();
            lock (store._logs)
            {
                if (log.Snapshot is not { } snapshot || snapshot.Sequence < throughSequence)
                    throw new ArgumentException("No snapshot has these events.", nameof(throughSequence));
                log.Entries.RemoveAll(entry => entry.Sequence <= throughSequence);
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default)
        {
            Check();
            lock (store._logs) return ValueTask.FromResult(log.Snapshot);
        }

        public async IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Check();
            JournalEntry[] entries;
            lock (store._logs) entries = [.. log.Entries.Where(entry => entry.Sequence > afterSequence)];
            foreach (var entry in entries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return entry;
            }

            await ValueTask.CompletedTask.ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            if (_isDisposed || IsReader) return;
            _isDisposed = true;
            await store.Closing().ConfigureAwait(false);
            lock (store._logs)
            {
                store.Open--;
                log.IsReleased = log.Epoch == epoch;
            }
        }

        private void Check() => ObjectDisposedException.ThrowIf(_isDisposed, this);
    }
}
