using System.Net;
using System.Net.Sockets;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>Stands between a client and a server: cuts the connections, or holds what goes through them.</summary>
internal sealed class TcpGate : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _connections = [];
    private readonly List<Task> _pumps = [];
    private readonly Task _accepting;

    private TaskCompletionSource _requestsPass = Passing();
    private TaskCompletionSource _repliesPass = Passing();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _cut;

    public TcpGate(int target) : this(target, new TcpListener(IPAddress.Loopback, 0)) { }

    /// <summary>Opens a gate elsewhere than on loopback, to a server on loopback; it owns the listener.</summary>
    public TcpGate(int target, TcpListener listener)
    {
        (_target, _listener) = (target, listener);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => _listener.LocalEndpoint.ToString()!;

    /// <summary>How many connections came so far.</summary>
    public int Accepted { get; private set; }

    /// <summary>Waits until so many have come.</summary>
    public async Task AcceptedAsync(int count)
    {
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (Accepted >= count) return;
                next = _next.Task;
            }

            await next;
        }
    }

    /// <summary>Breaks all connections, and each that comes, until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _cut = true;
            foreach (var connection in _connections) connection.Dispose();
            _connections.Clear();
        }
    }

    /// <summary>Breaks the connections that are there.</summary>
    public void Break()
    {
        Cut();
        Mend();
    }

    public void Mend()
    {
        lock (_lock) _cut = false;
    }

    /// <summary>Lets nothing pass from server to client until <see cref="Release"/>: requests are executed, and their replies do not come.</summary>
    public void HoldReplies()
    {
        lock (_lock) _repliesPass = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Lets nothing pass in either direction until <see cref="Release"/>.</summary>
    public void Hold()
    {
        HoldReplies();
        lock (_lock) _requestsPass = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Release()
    {
        lock (_lock)
        {
            _requestsPass.TrySetResult();
            _repliesPass.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        Release();
        _listener.Dispose();
        await _accepting;
        Task[] pumps;
        lock (_lock) pumps = [.. _pumps];
        await Task.WhenAll(pumps);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Serve(client);
        }
    }

    private void Serve(TcpClient client)
    {
        lock (_lock)
        {
            Accepted++;
            _next.SetResult();
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_cut)
            {
                client.Dispose();
                return;
            }

            var server = new TcpClient { NoDelay = true };
            client.NoDelay = true;
            _connections.AddRange([client, server]);
            _pumps.Add(PumpAsync(client, server));
        }
    }

    private async Task PumpAsync(TcpClient client, TcpClient server)
    {
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(
                CopyAsync(client.GetStream(), server.GetStream(), () => _requestsPass.Task),
                CopyAsync(server.GetStream(), client.GetStream(), () => _repliesPass.Task));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut, or the server is gone: the client sees its connection closed.
        }

        client.Dispose();
        server.Dispose();
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Func<Task> passes)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReadAsync(buffer) is > 0 and var count)
            {
                Task pass;
                lock (_lock) pass = passes();
                await pass;
                await to.WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The other end is gone, or the gate is cut.
        }
    }

    private static TaskCompletionSource Passing()
    {
        var passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        passing.SetResult();
        return passing;
    }
}
