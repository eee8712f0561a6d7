using System.Net;
using System.Net.Sockets;

namespace Sparkish.Benchmarks.Faults;

/// <summary>
/// Stands between one candidate and one server: while it is cut nothing passes, in either direction, and connections stay open, as on a cut cable.
/// </summary>
internal sealed class FaultGate : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Lock _lock = new();
    private readonly List<Socket> _sockets = [];
    private bool _isCut;

    public FaultGate(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync(); // ends with the listener
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut()
    {
        lock (_lock) _isCut = true;
    }

    /// <summary>Lets new connections through; those from before are lost.</summary>
    public void Mend()
    {
        lock (_lock)
        {
            _isCut = false;
            foreach (var socket in _sockets) socket.Dispose();
            _sockets.Clear();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Mend();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = RelayAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private async Task RelayAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        lock (_lock) _sockets.AddRange([near, far]);
        try
        {
            if (IsCut) return; // it stays open, and nobody answers
            await far.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(PassAsync(near, far), PassAsync(far, near));
            if (IsCut) return;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Either side is gone.
        }

        near.Dispose();
        far.Dispose();
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0 && !IsCut;)
            {
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Either side is gone.
        }
    }

    private bool IsCut
    {
        get { lock (_lock) return _isCut; }
    }
}
