using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc;

/// <summary>An address translator: passes on what comes to a port of its own, and counts the connections.</summary>
internal sealed class TcpRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _accepted;

    public TcpRelay() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Passes on to an address from now on; a fault is a connection that broke.</summary>
    public async Task RunAsync(RpcAddress target)
    {
        var relayed = new List<Task>();
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _accepted);
                relayed.Add(RelayAsync(near, target));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }

        await Task.WhenAll(relayed);
    }

    public void Dispose() => _listener.Dispose();

    private static async Task RelayAsync(TcpClient near, RpcAddress target)
    {
        using (near)
        using (var far = new TcpClient(target.Host, target.Port))
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
    }
}
