using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Sockets;

/// <summary>Opens bulk connections for task threads: the same steps as <see cref="Greeting"/>, blocking.</summary>
internal static class BlockingDialler
{
    /// <summary>Connects to a peer; both sides are authenticated when it returns.</summary>
    /// <exception cref="RpcConnectionException">The peer cannot be reached or is not a valid peer.</exception>
    public static SocketChannel Connect(ChannelContext context, RpcAddress peer)
    {
        Socket? socket = null;
        try
        {
            var timeout = context.ConnectionTimeout;
            var addresses = IPAddress.TryParse(peer.Host, out var address) ? [address] : Dns.GetHostAddresses(peer.Host);
            socket = ConnectToAny(addresses, peer.Port, timeout);
            socket.NoDelay = true;
            socket.ReceiveTimeout = socket.SendTimeout = Milliseconds(timeout);

            var channel = ShakeHands(context, socket, peer);
            socket.ReceiveTimeout = socket.SendTimeout = Milliseconds(context.NetworkTimeout);
            return channel;
        }
        catch (Exception error) when (error is SocketException or HandshakeException or IOException)
        {
            socket?.Dispose();
            var reason = error.GetBaseException() is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock }
                ? $"no answer within {AskTimeout.Format(context.ConnectionTimeout)} (spark.rpc.io.connectionTimeout)"
                : error.Message;
            throw new RpcConnectionException($"Cannot connect to {peer}: {reason}.", error)
            {
                IsRefused = error is SocketException { SocketErrorCode: SocketError.ConnectionRefused },
            };
        }
    }

    private static SocketChannel ShakeHands(ChannelContext context, Socket socket, RpcAddress peer)
    {
        // The timeouts of a socket apply to one call each; this deadline also cuts off a peer that sends byte after byte.
        using var deadline = new CancellationTokenSource(context.ConnectionTimeout, context.Time);
        try
        {
            using var cut = deadline.Token.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket);
            var (channel, binding) = ChannelOpener.Connect(socket, peer.Host, context.Security);
            ShakeHands(new ClientHandshake(context.Hello(ConnectionKind.Bulk), context.Security.ToProve(peer.ToString()), binding), channel);
            cut.Dispose(); // waits for a running cut
            if (!deadline.IsCancellationRequested) return channel;
        }
        catch (Exception error) when (
            deadline.IsCancellationRequested && error is SocketException or IOException or HandshakeException or ObjectDisposedException)
        {
            // The exception of a socket that was cut off differs between systems.
        }

        throw new SocketException((int)SocketError.TimedOut);
    }

    private static void ShakeHands(ClientHandshake handshake, SocketChannel channel)
    {
        channel.Send(handshake.Opening.Span);
        try
        {
            Span<byte> prelude = stackalloc byte[HandshakeFormat.PreludeBytes];
            BlockingHandshakeIo.Fill(channel, prelude);
            handshake.TakePrelude(prelude);
            var (step, body) = BlockingHandshakeIo.Read(channel);
            handshake.TakeHello(prelude, step, body);
            (step, body) = BlockingHandshakeIo.Read(channel);
            handshake.TakeProof(step, body);
        }
        catch (HandshakeException error) when (error.TellPeer)
        {
            BlockingHandshakeIo.TryTell(channel, HandshakeFormat.EncodeRefusal(error.Message));
            throw;
        }

        channel.Send(handshake.Proof());
        var (outcome, reason) = BlockingHandshakeIo.Read(channel);
        if (!ClientHandshake.TakeVerdict(outcome, reason)) throw new HandshakeException("it rejected a connection for streams as a duplicate");
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

    private static int Milliseconds(TimeSpan duration) => (int)Math.Clamp(duration.TotalMilliseconds, 1, int.MaxValue);
}
