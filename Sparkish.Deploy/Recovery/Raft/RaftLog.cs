using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// The library's log, with two rules of Raft that it leaves out. A follower answers only after the entries are flushed: the library flushes in the background,
/// and would lose entries that the leader counts on. Entries that a follower has are kept when they arrive again: the library cuts the log behind them.
/// The term and the vote are kept in a file of their own, with a checksum.
/// </summary>
internal sealed class RaftLog(RaftDirectory directory, RaftStateMachine state) : WriteAheadLog(OptionsOf(directory.Log), state), IPersistentState
{
    private const int PageBytes = 1 << 20;

    private readonly SemaphoreSlim _lock = new(1, 1);
    private volatile RaftVote _vote = directory.ReadVote();

    /// <summary>Whether this member may vote for another one.</summary>
    public required Func<bool> MayVote { get; init; }

    /// <summary>The latest Raft term that this member knows.</summary>
    public long Term => _vote.Term;

    bool IPersistentState.IsVotedFor(in ClusterMemberId id) => MayVote() && (_vote.Member is not { } member || member == id);

    ValueTask<long> IPersistentState.IncrementTermAsync(ClusterMemberId member, CancellationToken token)
    {
        Write(new RaftVote(Term + 1, member));
        return new(Term);
    }

    ValueTask IPersistentState.UpdateTermAsync(long term, bool resetLastVote, CancellationToken token)
    {
        Write(new RaftVote(term, resetLastVote ? null : _vote.Member));
        return ValueTask.CompletedTask;
    }

    ValueTask IPersistentState.UpdateVotedForAsync(ClusterMemberId member, CancellationToken token)
    {
        Write(_vote with { Member = member });
        return ValueTask.CompletedTask;
    }

    // An entry of a leader. It is refused if this member has learned of a later term meanwhile: it must not stand behind entries of that term.
    async ValueTask<long> IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(TEntry entry, CancellationToken token)
    {
        await _lock.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (entry.Term != Term) throw new OperationCanceledException($"The term {entry.Term} of this leader is over.");
            return await AppendAsync(entry, token).ConfigureAwait(false);
        }
        finally
        {
            _lock.Release();
        }
    }

    // Entries from a leader. All of them are received before the log is changed, so that a broken connection changes nothing.
    async ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(
        ILogEntryProducer<TEntry> entries, long startIndex, bool skipCommitted, CancellationToken token)
    {
        if (entries.RemainingCount == 0) return;
        await _lock.WaitAsync(token).ConfigureAwait(false);
        try
        {
            var added = new List<BinaryLogEntry>();
            var first = startIndex;
            for (var index = startIndex; await entries.MoveNextAsync().ConfigureAwait(false); index++)
            {
                var entry = entries.Current;
                if (added.Count == 0 && await HasAsync(index, entry.Term, token).ConfigureAwait(false))
                {
                    first = index + 1;
                    continue;
                }

                var content = await entry.ToByteArrayAsync(token: token).ConfigureAwait(false);
                added.Add(new BinaryLogEntry { Term = entry.Term, CommandId = entry.CommandId, Content = content });
            }

            if (added.Count > 0)
                await AppendAsync(new LogEntryProducer<BinaryLogEntry>(added), first, skipCommitted: false, CancellationToken.None).ConfigureAwait(false);

            // Also if nothing was added: an earlier answer may have been given up before the flush.
            await FlushAsync(token).ConfigureAwait(false);
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Whether an entry of the present term is known to be committed, and with it all that earlier leaders have acknowledged.</summary>
    public async ValueTask<bool> HasCommittedInTermAsync(CancellationToken token)
    {
        var (term, committed) = (Term, LastCommittedEntryIndex);
        return committed > 0 && await ReadAsync(TermReader.Instance, committed, committed, token).ConfigureAwait(false) == term;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _lock.Dispose();
        base.Dispose(disposing);
    }

    // Anonymous memory and explicit writes: a full disk is an error of a write, where a mapped file would end the process.
    private static Options OptionsOf(string directory) => new()
    {
        Location = directory,
        ChunkSize = PageBytes,
        MemoryManagement = MemoryManagementStrategy.PrivateMemory,
        HashAlgorithm = IntegrityHashAlgorithm.Crc64,
    };

    // Durable before it is known: the library changes terms and votes one at a time.
    private void Write(RaftVote vote)
    {
        directory.WriteVote(vote);
        _vote = vote;
    }

    private async ValueTask<bool> HasAsync(long index, long term, CancellationToken token)
    {
        if (index <= LastCommittedEntryIndex) return true;
        return index <= LastEntryIndex && await ReadAsync(TermReader.Instance, index, index, token).ConfigureAwait(false) == term;
    }

    private sealed class TermReader : ILogEntryConsumer<IRaftLogEntry, long>
    {
        public static readonly TermReader Instance = new();

        public bool LogEntryMetadataOnly => true;

        public ValueTask<long> ReadAsync<TEntry, TList>(TList entries, long? snapshotIndex, CancellationToken token)
            where TEntry : IRaftLogEntry
            where TList : IReadOnlyList<TEntry> => new(entries[0].Term);
    }
}
