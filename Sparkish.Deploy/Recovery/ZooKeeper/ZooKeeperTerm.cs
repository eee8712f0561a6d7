using Microsoft.Extensions.Logging;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A term that lasts as long as a lease on a session is renewed. An ended term stays ended.</summary>
internal sealed class ZooKeeperTerm : ILeaderTerm
{
    private readonly ZooKeeperClient _client;
    private readonly SessionLease _lease;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Task _watching;
    private Task? _resigning;
    private int _isOver;

    public ZooKeeperTerm(ZooKeeperClient client, SessionLease lease, long epoch, TimeProvider time, ILogger log)
    {
        (_client, _lease, _time, _log, Epoch) = (client, lease, time, log, epoch);
        _watching = WatchAsync();
    }

    public long? Epoch { get; }

    public bool IsCurrent
    {
        get
        {
            if (Volatile.Read(ref _isOver) == 1) return false;
            if (_lease.Left > TimeSpan.Zero) return true;

            // The watching task may not have noticed yet, for example after a pause. Once false, it stays false.
            Volatile.Write(ref _isOver, 1);
            return false;
        }
    }

    public CancellationToken Ended => _ended.Token;

    public ValueTask DisposeAsync()
    {
        lock (_lock) return new ValueTask(_resigning ??= ResignAsync());
    }

    private async Task WatchAsync()
    {
        while (IsCurrent)
        {
            var left = _lease.Left;
            if (left > TimeSpan.Zero) await Task.WhenAny(_lease.Over, Task.Delay(left, _time, _stop.Token)).ConfigureAwait(false);
        }

        if (!_stop.IsCancellationRequested)
            _log.TermOver(Epoch, _lease.Over.IsCompletedSuccessfully
                ? await _lease.Over.ConfigureAwait(false)
                : "ZooKeeper could not be reached for too long, so another candidate may lead soon");
        await _ended.CancelAsync().ConfigureAwait(false);
    }

    private async Task ResignAsync()
    {
        await Task.Yield();
        Volatile.Write(ref _isOver, 1);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        await _lease.DisposeAsync().ConfigureAwait(false);

        // The node is deleted with the session, and the next candidate leads.
        await _client.DisposeAsync().ConfigureAwait(false);
    }
}
