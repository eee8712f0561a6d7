using System.Buffers;
using System.Collections.Concurrent;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>Applies committed entries to the state, answers the requests of this member, and saves snapshots so that the log stays bounded.</summary>
internal sealed class RaftStateMachine : IStateMachine
{
    // A snapshot is as large as all journals together, so it is due only after as many bytes of entries.
    private const long SnapshotBytes = 8 << 20;
    private const int SnapshotEntries = 20_000;
    private const long RetryBytes = 1 << 20;

    private readonly RaftDirectory _directory;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<RaftOutcome>> _requests = new();
    private volatile RaftSnapshot? _snapshot;
    private long _bytes;
    private long _entries;
    private long _due;

    /// <summary>Reads the latest snapshot.</summary>
    public RaftStateMachine(RaftDirectory directory, ILogger log)
    {
        (_directory, _log) = (directory, log);
        if (directory.ReadSnapshot() is { } snapshot)
        {
            Table.Load(snapshot.State);
            _snapshot = snapshot;
        }

        Restart();
    }

    public JournalTable Table { get; } = new();

    /// <summary>Called with the Raft term of each applied command.</summary>
    public Action<long>? Applied { get; set; }

    ISnapshot? ISnapshotManager.Snapshot => _snapshot;

    /// <summary>Returns the task that completes with the outcome of a request, once it is applied here.</summary>
    public Task<RaftOutcome> Expect(Guid request) =>
        _requests.GetOrAdd(request, static _ => new TaskCompletionSource<RaftOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Waits for a request no longer.</summary>
    public void Forget(Guid request) => _requests.TryRemove(request, out _);

    public async ValueTask<long> ApplyAsync(LogEntry entry, CancellationToken token)
    {
        if (entry.IsSnapshot)
        {
            var state = await entry.ToByteArrayAsync(token: token).ConfigureAwait(false);
            Install(new RaftSnapshot(entry.Index, entry.Term, state));
            return entry.Index;
        }

        // The log reuses the memory of an entry, and the state keeps parts of it.
        if (!entry.TryGetPayload(out var payload) || payload.IsEmpty) return entry.Index;
        var bytes = payload.ToArray();
        var command = RaftCommand.Decode(bytes);
        var outcome = Table.Apply(command);
        _bytes += bytes.Length;
        _entries++;
        if (_bytes >= _due || _entries >= SnapshotEntries) Save(entry.Index, entry.Term);
        Applied?.Invoke(entry.Term);
        if (_requests.TryRemove(command.Request, out var request)) request.TrySetResult(outcome);
        return entry.Index;
    }

    public ValueTask ReclaimGarbageAsync(long watermark, CancellationToken token)
    {
        _directory.DeleteSnapshotsBefore(watermark);
        return ValueTask.CompletedTask;
    }

    private void Install(RaftSnapshot snapshot)
    {
        _directory.WriteSnapshot(snapshot);
        Table.Load(snapshot.State);
        _snapshot = snapshot;
        Restart();
        Applied?.Invoke(snapshot.Term);
    }

    private void Save(long index, long term)
    {
        var snapshot = new RaftSnapshot(index, term, Table.ToBytes());
        try
        {
            _directory.WriteSnapshot(snapshot);
        }
        catch (IOException e)
        {
            // The log has all entries since the last snapshot, so nothing is lost.
            _log.SnapshotFailed(index, e.Message);
            _due = _bytes + RetryBytes;
            _entries = 0;
            return;
        }

        _snapshot = snapshot;
        Restart();
    }

    private void Restart() => (_bytes, _entries, _due) = (0, 0, Math.Max(SnapshotBytes, _snapshot?.State.Length ?? 0));
}
