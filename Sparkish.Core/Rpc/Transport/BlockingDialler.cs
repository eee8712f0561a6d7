using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>Makes bulk connections for task threads: the same steps as <see cref="Dialler"/>, blocking.</summary>
internal static class BlockingDialler
{
    /// <summary>Connects to a peer and shakes hands.</summary>
    /// <exception cref="RpcConnectionException">It cannot be reached or is no such peer.</exception>
    public static Socket Connect(TransportContext context, RpcAddress peer)
    {
        Socket? socket = null;
        try
        {
            var timeout = context.Options.ConnectionTimeout;
            var addresses = IPAddress.TryParse(peer.Host, out var address) ? [address] : Dns.GetHostAddresses(peer.Host);
            socket = ConnectToAny(addresses, peer.Port, timeout);
            socket.NoDelay = true;
            socket.ReceiveTimeout = Milliseconds(timeout);
            socket.Send(Handshake.Encode(context.Hello(ConnectionKind.Bulk)));
            Receive(socket);
            socket.ReceiveTimeout = socket.SendTimeout = Milliseconds(context.Options.NetworkTimeout);
            return socket;
        }
        catch (Exception error) when (error is SocketException or HandshakeException)
        {
            socket?.Dispose();
            var reason = error is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock }
                ? $"no answer within {AskTimeout.Format(context.Options.ConnectionTimeout)} (spark.rpc.io.connectionTimeout)"
                : error.Message;
            throw new RpcConnectionException($"Cannot connect to {peer}: {reason}.", error);
        }
    }

    /// <summary>Receives exactly as many bytes as the destination has room for.</summary>
    public static void Fill(Socket socket, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = socket.Receive(destination);
            if (read == 0) throw new HandshakeException("it closed the connection");
            destination = destination[read..];
        }
    }

    private static Socket ConnectToAny(IPAddress[] addresses, int port, TimeSpan timeout)
    {
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                ConnectTo(socket, new IPEndPoint(address, port), timeout);
                return socket;
            }
            catch (SocketException error)
            {
                socket.Dispose();
                last = error;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static void ConnectTo(Socket socket, IPEndPoint endPoint, TimeSpan timeout)
    {
        using var done = new ManualResetEventSlim();
        using var args = new SocketAsyncEventArgs();
        args.RemoteEndPoint = endPoint;
        args.Completed += (_, _) => done.Set();
        if (socket.ConnectAsync(args) && !done.Wait(timeout))
        {
            Socket.CancelConnectAsync(args);
            done.Wait();
            throw new SocketException((int)SocketError.TimedOut);
        }

        if (args.SocketError != SocketError.Success) throw new SocketException((int)args.SocketError);
    }

    private static void Receive(Socket socket)
    {
        Span<byte> header = stackalloc byte[Handshake.HeaderBytes];
        Fill(socket, header);
        var body = new byte[Handshake.CheckHeader(header)];
        Fill(socket, body);
        Handshake.Decode(header, body);
    }

    private static int Milliseconds(TimeSpan duration) => (int)Math.Clamp(duration.TotalMilliseconds, 1, int.MaxValue);
}
