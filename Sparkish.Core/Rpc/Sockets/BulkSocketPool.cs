namespace Sparkish.Rpc.Sockets;

/// <summary>Idle bulk connections: a few per peer, closed when they stay idle. Thread-safe.</summary>
internal sealed class BulkSocketPool(TimeProvider time) : IDisposable
{
    private const int MaxPerPeer = 8;
    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(60);

    private readonly Dictionary<RpcAddress, Stack<(SocketChannel Channel, long Since)>> _idle = [];
    private readonly Lock _lock = new();
    private ITimer? _sweeper;
    private bool _disposed;

    /// <summary>Returns a pooled connection to a peer that seems open, or null.</summary>
    public SocketChannel? TryTake(RpcAddress peer)
    {
        while (true)
        {
            SocketChannel channel;
            lock (_lock)
            {
                if (!_idle.TryGetValue(peer, out var channels) || !channels.TryPop(out var top)) return null;
                channel = top.Channel;
            }

            if (channel.IsQuiet()) return channel;
            channel.Dispose(); // no bytes may arrive between two requests: the peer has closed it
        }
    }

    /// <summary>Pools a connection whose response was read to the end.</summary>
    public void Return(RpcAddress peer, SocketChannel channel)
    {
        lock (_lock)
        {
            if (!_idle.TryGetValue(peer, out var channels)) _idle.Add(peer, channels = new());
            if (!_disposed && channels.Count < MaxPerPeer)
            {
                channels.Push((channel, time.GetTimestamp()));
                _sweeper ??= time.CreateTimer(static state => ((BulkSocketPool)state!).Sweep(), this, MaxIdle / 2, MaxIdle / 2);
                return;
            }
        }

        channel.Dispose();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _sweeper?.Dispose();
            foreach (var (channel, _) in _idle.Values.SelectMany(channels => channels)) channel.Dispose();
            _idle.Clear();
        }
    }

    private void Sweep()
    {
        lock (_lock)
        {
            foreach (var (peer, channels) in _idle.ToList())
            {
                var kept = channels.Where(entry => time.GetElapsedTime(entry.Since) < MaxIdle).Reverse().ToList();
                foreach (var (channel, _) in channels.Except(kept)) channel.Dispose();
                if (kept.Count == 0) _idle.Remove(peer);
                else _idle[peer] = new(kept);
            }
        }
    }
}
