using System.Runtime.CompilerServices;
using Sparkish.Persistence;
using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>
/// A database of journals and leases outside of all simulated nodes. Requests take virtual time. A write happens in its middle: it may be done although the
/// process that asked for it is dead by then, or stands still.
/// </summary>
internal sealed class SimulatedStore(SimulatedCluster cluster)
{
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Random _random = cluster.NewRandom("store");
    private readonly List<JournalEntry> _entries = [];
    private readonly HashSet<SimulatedNode> _cutOff = [];
    private readonly Dictionary<long, SimulatedNode> _writers = [];
    private JournalSnapshot? _snapshot;
    private long _epoch;
    private object? _opener;
    private SimulatedNode? _holder;
    private TimeSpan _leaseEnds;

    /// <summary>The node that holds the lease; it may be dead.</summary>
    public SimulatedNode? Holder => _holder is not null && cluster.Now < _leaseEnds ? _holder : null;

    /// <summary>The term of the last leader.</summary>
    public long LastTerm { get; private set; }

    /// <summary>Makes each way to the store and back longer by up to this time.</summary>
    public TimeSpan Slowness { get; set; }

    public bool HasSnapshot => _snapshot is not null;

    public IReadOnlyList<JournalEntry> Entries => _entries;

    public void CutOff(SimulatedNode node) => _cutOff.Add(node);

    public void Reconnect(SimulatedNode node) => _cutOff.Remove(node);

    public IJournalStore JournalsFor(SimulatedNode node, TimeProvider time) => new Journals(this, node, time);

    public ILeaderElection ElectionFor(SimulatedNode node, TimeProvider time) => new Election(this, node, time);

    /// <summary>Sends a request: it is carried out outside of the node, and its answer needs the process that asked.</summary>
    private ConfiguredTaskAwaitable<T> AskAsync<T>(SimulatedNode node, TimeProvider time, Func<T> work)
    {
        var (answer, there, back) = (new TaskCompletionSource<T>(), Delay(), Delay());
        Func<T>? answered = null;
        ITimer? timer = null;
        var asked = time.GetTimestamp();
        cluster.Schedule(there, () => answered = _cutOff.Contains(node) ? null : OutcomeOf(work));
        timer = time.CreateTimer(_ =>
        {
            if (answered is null && time.GetElapsedTime(asked) < Patience) return;
            timer!.Dispose();
            try
            {
                answer.SetResult(answered is null ? throw new JournalException("The simulated store cannot be reached.") : answered());
            }
            catch (JournalException error)
            {
                answer.SetException(error);
            }
        }, null, there + back, TimeSpan.FromMilliseconds(50));
        return answer.Task.ConfigureAwait(false); // a node is also started outside of a run, where a test has a context
    }

    private static Func<T> OutcomeOf<T>(Func<T> work)
    {
        try
        {
            var result = work();
            return () => result;
        }
        catch (StaleEpochException error)
        {
            return () => throw new StaleEpochException("master", error.Epoch, error.Current);
        }
    }

    private TimeSpan Delay() => TimeSpan.FromTicks(_random.NextInt64(TimeSpan.TicksPerMillisecond / 2, (TimeSpan.TicksPerMillisecond * 5) + Slowness.Ticks));

    private sealed class Journals(SimulatedStore store, SimulatedNode node, TimeProvider time) : IJournalStore
    {
        public async ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default)
        {
            var wanted = epoch!.Value;
            var last = await store.AskAsync(node, time, () =>
            {
                if (wanted < store._epoch || (wanted == store._epoch && store._opener != this)) throw new StaleEpochException(name, wanted, store._epoch);
                (store._epoch, store._opener) = (wanted, this);
                return store._entries.Count == 0 ? store._snapshot?.Sequence ?? 0 : store._entries[^1].Sequence;
            });
            return new Journal(store, node, time, name, wanted, last);
        }

        public ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Journal(SimulatedStore store, SimulatedNode node, TimeProvider time, string name, long epoch, long last) : IJournal
    {
        public string Name => name;

        public long Epoch => epoch;

        public long LastSequence { get; private set; } = last;

        public async ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default)
        {
            var copies = events.Select(payload => payload.ToArray()).ToList();
            return LastSequence = await store.AskAsync(node, time, () =>
            {
                Fence();
                var sequence = store._entries.Count == 0 ? store._snapshot?.Sequence ?? 0 : store._entries[^1].Sequence;
                foreach (var payload in copies) store._entries.Add(new JournalEntry(++sequence, epoch, payload));
                return sequence;
            });
        }

        public async ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
        {
            var copy = snapshot with { Payload = snapshot.Payload.ToArray() };
            await store.AskAsync(node, time, () =>
            {
                Fence();
                store._snapshot = copy;
                return true;
            });
        }

        public async ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default) => await store.AskAsync(node, time, () =>
        {
            Fence();
            return store._entries.RemoveAll(entry => entry.Sequence <= throughSequence);
        });

        public async ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default) =>
            await store.AskAsync(node, time, () => store._snapshot);

        public async IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var read = await store.AskAsync(node, time, () => store._entries.Where(entry => entry.Sequence > afterSequence).ToList());
            foreach (var entry in read) yield return entry;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Fence()
        {
            if (epoch < store._epoch) throw new StaleEpochException(name, epoch, store._epoch);
            if (!store._writers.TryAdd(epoch, node) && store._writers[epoch] != node)
                throw new InvalidOperationException($"Two nodes write in term {epoch}: {node} and {store._writers[epoch]}.");
        }
    }

    private sealed class Election(SimulatedStore store, SimulatedNode node, TimeProvider time) : ILeaderElection
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

        public async Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default)
        {
            while (true)
            {
                var asked = time.GetTimestamp();
                var epoch = await store.AskAsync(node, time, () =>
                {
                    if (store.Holder is not null) return 0L;
                    (store._holder, store._leaseEnds) = (node, store.Now + LeaseTime);
                    return ++store.LastTerm;
                });
                if (epoch > 0) return new Term(store, node, time, epoch, asked);
                await PauseAsync().ConfigureAwait(false);
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private Task PauseAsync()
        {
            var over = new TaskCompletionSource();
            time.CreateTimer(_ => over.TrySetResult(), null, Pause, Timeout.InfiniteTimeSpan);
            return over.Task;
        }
    }

    private TimeSpan Now => cluster.Now;

    /// <summary>A lease that its holder renews, and that ends by the holder's own clock before the store gives it to another one.</summary>
    private sealed class Term : ILeaderTerm
    {
        private static readonly TimeSpan Safe = LeaseTime * 0.9;

        private readonly SimulatedStore _store;
        private readonly SimulatedNode _node;
        private readonly TimeProvider _time;
        private readonly CancellationTokenSource _ended = new();
        private readonly ITimer _renewal;
        private long _renewed;

        public Term(SimulatedStore store, SimulatedNode node, TimeProvider time, long epoch, long asked)
        {
            (_store, _node, _time, Epoch, _renewed) = (store, node, time, epoch, asked);
            _renewal = time.CreateTimer(_ => Renew(), null, LeaseTime / 6, LeaseTime / 6);
        }

        public long? Epoch { get; }

        public bool IsCurrent => !_ended.IsCancellationRequested && _time.GetElapsedTime(_renewed) < Safe;

        public CancellationToken Ended => _ended.Token;

        public ValueTask DisposeAsync()
        {
            End();
            return ValueTask.CompletedTask;
        }

        private void Renew()
        {
            if (!IsCurrent)
            {
                End();
                return;
            }

            var asked = _time.GetTimestamp();
            _ = RenewAsync(asked);
        }

        private async Task RenewAsync(long asked)
        {
            var isHeld = await _store.AskAsync(_node, _time, () =>
            {
                if (_store.Holder != _node || _store.LastTerm != Epoch) return false;
                _store._leaseEnds = _store.Now + LeaseTime;
                return true;
            });
            if (isHeld) _renewed = Math.Max(_renewed, asked);
            else End();
        }

        private void End()
        {
            _renewal.Dispose();
            if (!_ended.IsCancellationRequested) _ended.Cancel();
        }
    }
}
