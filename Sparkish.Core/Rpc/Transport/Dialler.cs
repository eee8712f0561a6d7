using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>Makes connections: resolves, connects, shakes hands, all within <c>spark.rpc.io.connectionTimeout</c>.</summary>
internal static class Dialler
{
    /// <summary>Connects to a peer.</summary>
    /// <exception cref="RpcConnectionException">It cannot be reached or is no such peer.</exception>
    public static async Task<(Socket Socket, Hello Peer)> ConnectAsync(TransportContext context, RpcAddress peer, ConnectionKind kind)
    {
        using var timeout = new CancellationTokenSource(context.Options.ConnectionTimeout, context.Env.Time);
        using var stop = context.Stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), timeout);
        Socket? socket = null;
        try
        {
            if (peer.Port <= 0) throw new HandshakeException("its env does not listen");
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var addresses = await ResolveAsync(peer.Host, timeout.Token).ConfigureAwait(false);
            await socket.ConnectAsync(addresses, peer.Port, timeout.Token).ConfigureAwait(false);
            await Handshake.SendAsync(socket, context.Hello(kind), timeout.Token).ConfigureAwait(false);
            return (socket, await Handshake.ReceiveAsync(socket, timeout.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException error)
        {
            socket?.Dispose();
            if (context.Stopping.IsCancellationRequested) throw new RpcConnectionException($"Cannot connect to {peer}: this env has stopped.", error);
            var waited = AskTimeout.Format(context.Options.ConnectionTimeout);
            throw new RpcConnectionException($"Cannot connect to {peer}: no answer within {waited} (spark.rpc.io.connectionTimeout).", error);
        }
        catch (Exception error) when (error is SocketException or HandshakeException or IOException)
        {
            socket?.Dispose();
            throw new RpcConnectionException($"Cannot connect to {peer}: {error.Message}.", error);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
}
