using System.Net.Sockets;

namespace Sparkish.Rpc.Transport;

/// <summary>Bulk sockets between two requests: a few for each peer, closed when they lie idle. Safe for all threads.</summary>
internal sealed class BulkSocketPool(TimeProvider time) : IDisposable
{
    private const int MaxPerPeer = 8;
    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(60);

    private readonly Dictionary<RpcAddress, Stack<(Socket Socket, long Since)>> _idle = [];
    private readonly Lock _lock = new();
    private ITimer? _sweeper;
    private bool _disposed;

    /// <summary>A socket to a peer that looks alive, or none.</summary>
    public Socket? TryTake(RpcAddress peer)
    {
        while (true)
        {
            Socket socket;
            lock (_lock)
            {
                if (!_idle.TryGetValue(peer, out var sockets) || !sockets.TryPop(out var top)) return null;
                socket = top.Socket;
            }

            if (!socket.Poll(0, SelectMode.SelectRead)) return socket;
            socket.Dispose(); // nothing may come between two requests: this is its end
        }
    }

    /// <summary>Keeps a socket whose answer was read to the end.</summary>
    public void Return(RpcAddress peer, Socket socket)
    {
        lock (_lock)
        {
            if (!_idle.TryGetValue(peer, out var sockets)) _idle.Add(peer, sockets = new());
            if (!_disposed && sockets.Count < MaxPerPeer)
            {
                sockets.Push((socket, time.GetTimestamp()));
                _sweeper ??= time.CreateTimer(static state => ((BulkSocketPool)state!).Sweep(), this, MaxIdle / 2, MaxIdle / 2);
                return;
            }
        }

        socket.Dispose();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _sweeper?.Dispose();
            foreach (var (socket, _) in _idle.Values.SelectMany(sockets => sockets)) socket.Dispose();
            _idle.Clear();
        }
    }

    private void Sweep()
    {
        lock (_lock)
        {
            foreach (var (peer, sockets) in _idle.ToList())
            {
                var kept = sockets.Where(entry => time.GetElapsedTime(entry.Since) < MaxIdle).Reverse().ToList();
                foreach (var (socket, _) in sockets.Except(kept)) socket.Dispose();
                if (kept.Count == 0) _idle.Remove(peer);
                else _idle[peer] = new(kept);
            }
        }
    }
}
