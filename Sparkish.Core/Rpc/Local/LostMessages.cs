using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Local;

/// <summary>
/// Counts the messages that an env could not bring to a peer and tells of them: one line in the log and one <see cref="RpcEndpoint.OnNetworkError"/> for
/// many, each peer by itself. What was held back is told when some time has passed. Safe for all threads.
/// </summary>
internal sealed class LostMessages(NodeRpcEnv env, ILogger log) : IDisposable
{
    private const int MaxPeers = 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<RpcAddress, Loss> _held = [];
    private ITimer? _timer;
    private long _total;
    private bool _disposed;

    /// <summary>How many were lost since the env was made.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Messages to a peer were lost.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="count">How many.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isExpected">Whether the peer has left in order: then they are counted and no warning is logged.</param>
    public void Report(RpcAddress peer, long count, LossReason reason, bool isExpected = false)
    {
        Interlocked.Add(ref _total, count);
        if (isExpected)
        {
            log.MessagesToLeaverDropped(count, peer, reason.Text);
            return;
        }

        lock (_lock)
        {
            if (_held.TryGetValue(peer, out var loss))
            {
                _held[peer] = new Loss(loss.Count + count, reason);
                return;
            }

            if (_held.Count < MaxPeers) _held.Add(peer, new Loss(0, reason));
            if (!_disposed) _timer ??= env.Time.CreateTimer(static state => ((LostMessages)state!).TellHeld(), this, Pause, Timeout.InfiniteTimeSpan);
        }

        Tell(peer, count, reason);
    }

    /// <summary>Messages get through to a peer again: the next loss is told at once.</summary>
    public void Forget(RpcAddress peer)
    {
        Loss loss;
        lock (_lock)
        {
            if (!_held.Remove(peer, out loss)) return;
        }

        if (loss.Count > 0) log.MessagesDropped(loss.Count, peer, loss.Reason.Text);
    }

    public void Dispose()
    {
        ITimer? timer;
        lock (_lock)
        {
            _disposed = true;
            timer = _timer;
            _timer = null;
        }

        timer?.Dispose();
        TellHeld();
    }

    private void TellHeld()
    {
        List<(RpcAddress Peer, Loss Loss)> due;
        lock (_lock)
        {
            due = [.. _held.Where(static entry => entry.Value.Count > 0).Select(static entry => (entry.Key, entry.Value))];
            _held.Clear();
            foreach (var (peer, loss) in due) _held.Add(peer, loss with { Count = 0 });
            _timer?.Dispose();
            _timer = _disposed || due.Count == 0 ? null : env.Time.CreateTimer(static state => ((LostMessages)state!).TellHeld(), this, Pause, Timeout.InfiniteTimeSpan);
        }

        foreach (var (peer, loss) in due) Tell(peer, loss.Count, loss.Reason);
    }

    private void Tell(RpcAddress peer, long count, LossReason reason)
    {
        log.MessagesDropped(count, peer, reason.Text);
        if (reason.Error is { } error) env.Dispatcher.PostToAll(endpoint => endpoint.OnNetworkError(error, peer));
    }

    private readonly record struct Loss(long Count, LossReason Reason);
}

/// <summary>Why messages were lost.</summary>
/// <param name="Text">The reason, for the log.</param>
/// <param name="Error">What endpoints are told; null if they have been told already.</param>
internal readonly record struct LossReason(string Text, Exception? Error = null);
