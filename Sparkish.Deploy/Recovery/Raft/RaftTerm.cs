using Microsoft.Extensions.Logging;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>A term that lasts while this member leads the group and its lease is renewed. An ended term stays ended.</summary>
internal sealed class RaftTerm : ILeaderTerm
{
    private readonly RaftNode _node;
    private readonly RaftLease _lease;
    private readonly CancellationToken _leadership;
    private readonly TimeSpan _beat;
    private readonly string _candidate;
    private readonly long _epoch;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _keeping;
    private readonly Task _watching;
    private int _over;

    public RaftTerm(RaftNode node, RaftLease lease, string candidate, long epoch, TimeProvider time, ILogger log, CancellationToken leadership)
    {
        (_node, _lease, _leadership, _candidate, _epoch, _time, _log) = (node, lease, leadership, candidate, epoch, time, log);
        _beat = lease.Left / 4;
        _keeping = KeepAsync();
        _watching = WatchAsync();
    }

    public long? Epoch => _epoch;

    public bool IsCurrent => Volatile.Read(ref _over) == 0 && _lease.Left > TimeSpan.Zero && !_leadership.IsCancellationRequested;

    public CancellationToken Ended => _ended.Token;

    /// <summary>Makes the member store and vote only, so that others may lead.</summary>
    public static async Task StepDownAsync(RaftNode node)
    {
        try
        {
            await node.Cluster.EnableStandbyModeAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // The member has ended, or ends now.
        }
    }

    public async ValueTask DisposeAsync()
    {
        End(lostBecause: null);
        await _closed.Task.ConfigureAwait(false);
    }

    private async Task KeepAsync()
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(_beat, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested) return;
            try
            {
                if (!await _lease.RenewAsync(_node, _stop.Token).ConfigureAwait(false)) End("no majority of the members answered in time, or another member leads");
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                End($"the Raft member failed: {e.Message}");
            }
        }
    }

    private async Task WatchAsync()
    {
        await Task.Yield();
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _leadership);
        while (_lease.Left is var left && left > TimeSpan.Zero && !lost.IsCancellationRequested)
            await Task.Delay(left, _time, lost.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_stop.IsCancellationRequested) End(_leadership.IsCancellationRequested ? "another member may lead" : "its lease was not renewed in time, or this process was suspended");
    }

    private void End(string? lostBecause)
    {
        if (Interlocked.Exchange(ref _over, 1) != 0) return;
        if (lostBecause is null) _log.RaftResigned(_candidate, _epoch);
        else _log.RaftTermLost(_candidate, _epoch, lostBecause);
        _ = CloseAsync(); // DisposeAsync awaits its end, and it does not fail
    }

    /// <summary>Notifies first and then steps down, so that this leader stops before another one can start.</summary>
    private async Task CloseAsync()
    {
        await Task.Yield();
        try
        {
            await _ended.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException e)
        {
            _log.RaftEndedCallbackFailed(_epoch, e);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_keeping, _watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StepDownAsync(_node).ConfigureAwait(false);
        _closed.SetResult();
    }
}
