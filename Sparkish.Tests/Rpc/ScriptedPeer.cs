using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc;

/// <summary>A peer that does exactly what a test says, on a bare socket.</summary>
internal sealed class ScriptedPeer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ScriptedPeer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    public RpcAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port);

    /// <summary>An address at which nobody listens.</summary>
    public static RpcAddress Nobody()
    {
        using var peer = new ScriptedPeer();
        return peer.Address;
    }

    /// <summary>Accepts one connection and shakes hands.</summary>
    public Socket AcceptAndGreet(byte kind = 1, ushort version = 1)
    {
        var socket = _listener.Accept();
        socket.Receive(new byte[4096]);
        socket.Send(Greeting(Address, kind, version));
        return socket;
    }

    /// <summary>Accepts one connection and says nothing.</summary>
    public Socket Accept() => _listener.Accept();

    /// <summary>Connects to an env, sends bytes, and returns what comes back until the env closes the connection.</summary>
    public static byte[] Exchange(RpcAddress env, params byte[][] parts)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000 };
        socket.Connect(env.Host, env.Port);
        foreach (var part in parts) socket.Send(part);
        var answer = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = socket.Receive(buffer)) > 0;) answer.Write(buffer, 0, read);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The env closed with bytes unread: an end as well.
        }

        return answer.ToArray();
    }

    /// <summary>The first bytes of a connection as the protocol has them.</summary>
    public static byte[] Greeting(RpcAddress address, byte kind = 1, ushort version = 1)
    {
        var host = System.Text.Encoding.UTF8.GetBytes(address.Host);
        byte[] body = [5, .. "test"u8, (byte)(host.Length + 1), .. host, (byte)(address.Port | 0x80), (byte)((address.Port >> 7) | 0x80), (byte)(address.Port >> 14)];
        return [.. "SPARKISH"u8, (byte)version, (byte)(version >> 8), kind, (byte)body.Length, 0, .. body];
    }

    public void Dispose() => _listener.Dispose();
}
