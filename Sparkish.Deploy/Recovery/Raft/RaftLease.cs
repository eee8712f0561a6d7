using DotNext.Net.Cluster.Consensus.Raft;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// The time for which no other leader can be elected, by this process's clock. A member that answers a leader votes for nobody else within its election timeout
/// from then on. The lease counts from before the question that a majority answered, and is shorter, so it ends first. Any thread may read it.
/// </summary>
internal sealed class RaftLease(RaftOptions options, TimeProvider time)
{
    private long _askedAt;
    private bool _hasAnswer;

    /// <summary>Remaining time; zero if it has ended.</summary>
    public TimeSpan Left
    {
        get
        {
            if (!Volatile.Read(ref _hasAnswer)) return TimeSpan.Zero;
            var left = options.Lease - time.GetElapsedTime(Volatile.Read(ref _askedAt));
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Asks the members; false if no majority answered in time, or if the lease had ended before.</summary>
    public async Task<bool> RenewAsync(RaftNode node, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _hasAnswer) && Left == TimeSpan.Zero) return false;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Volatile.Read(ref _hasAnswer) ? Left : options.Lease);
        var askedAt = time.GetTimestamp();
        try
        {
            await node.Cluster.ForceReplicationAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NotLeaderException or ObjectDisposedException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }

        if (Volatile.Read(ref _hasAnswer) && Left == TimeSpan.Zero) return false;
        Volatile.Write(ref _askedAt, askedAt);
        Volatile.Write(ref _hasAnswer, true);
        return Left > TimeSpan.Zero;
    }
}
