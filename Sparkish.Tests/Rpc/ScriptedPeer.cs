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
    public Socket AcceptAndGreet(byte kind = 1, ushort version = 2, ushort oldest = 2)
    {
        var socket = _listener.Accept();
        ReceiveHello(socket);
        socket.Send(Greeting(Address, kind, version, oldest));
        ReceiveStep(socket);
        socket.Send(Step(3));
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

    /// <summary>What opens a connection without authentication: prelude, hello and an empty proof, byte by byte as the protocol has them.</summary>
    public static byte[] Greeting(RpcAddress address, byte kind = 1, ushort version = 2, ushort oldest = 2) =>
        [.. Prelude(version, oldest), .. Hello(address, kind), .. Step(2)];

    public static byte[] Prelude(ushort version = 2, ushort oldest = 2) =>
        [.. "SPARKISH"u8, (byte)version, (byte)(version >> 8), (byte)oldest, (byte)(oldest >> 8)];

    /// <summary>The step that says who speaks.</summary>
    public static byte[] Hello(RpcAddress address, byte kind = 1, bool authenticates = false, byte[]? extension = null, string realm = "",
        long incarnation = 77, RpcAddress? dialled = null) => Step(1,
    [
        kind, authenticates ? (byte)1 : (byte)0, .. new byte[32], .. BitConverter.GetBytes(incarnation), .. Text("test"), .. Text(address.Host),
        .. Port(address.Port), 1, .. Text("tester"), .. dialled is { } other ? [.. Text(other.Host), .. Port(other.Port)] : (byte[])[0], .. Text(realm),
        .. extension ?? [],
    ]);

    /// <summary>One step of the handshake.</summary>
    public static byte[] Step(byte step, params byte[] body) => [step, (byte)body.Length, (byte)(body.Length >> 8), .. body];

    /// <summary>Reads a prelude and the step behind it.</summary>
    public static (byte Step, byte[] Body) ReceiveHello(Socket socket)
    {
        ReceiveExactly(socket, 12);
        return ReceiveStep(socket);
    }

    /// <summary>Reads one step.</summary>
    public static (byte Step, byte[] Body) ReceiveStep(Socket socket)
    {
        var header = ReceiveExactly(socket, 3);
        return (header[0], ReceiveExactly(socket, BitConverter.ToUInt16(header, 1)));
    }

    public static byte[] ReceiveExactly(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = socket.Receive(bytes.AsSpan(done));
            if (read == 0) throw new EndOfStreamException($"The connection ended after {done} of {count} bytes.");
            done += read;
        }

        return bytes;
    }

    public void Dispose() => _listener.Dispose();

    private static byte[] Port(int port) => [(byte)(port | 0x80), (byte)((port >> 7) | 0x80), (byte)(port >> 14)];

    private static byte[] Text(string text) => [(byte)(System.Text.Encoding.UTF8.GetByteCount(text) + 1), .. System.Text.Encoding.UTF8.GetBytes(text)];
}
