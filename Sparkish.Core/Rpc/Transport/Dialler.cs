using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>Makes connections: resolves, connects, shakes hands, all within <c>spark.rpc.io.connectionTimeout</c>.</summary>
internal static class Dialler
{
    /// <summary>Connects to a peer; both sides have proven themselves when it returns.</summary>
    /// <exception cref="RpcConnectionException">It cannot be reached or is no such peer.</exception>
    /// <exception cref="DuplicateConnectionException">The peer keeps another connection with this env.</exception>
    public static async Task<(Channel Channel, Hello Peer)> ConnectAsync(TransportContext context, RpcAddress peer, ConnectionKind kind, Func<bool> tryCommit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(context.Options.ConnectionTimeout, context.Env.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.Stopping, cancellationToken);
        Socket? socket = null;
        try
        {
            if (peer.Port <= 0) throw new HandshakeException("its env does not listen");
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var addresses = await ResolveAsync(peer.Host, linked.Token).ConfigureAwait(false);
            await socket.ConnectAsync(addresses, peer.Port, linked.Token).ConfigureAwait(false);
            var (channel, binding) = await ChannelOpener.ConnectAsync(socket, peer.Host, context.Security, linked.Token).ConfigureAwait(false);
            var handshake = new ClientHandshake(context.Hello(kind, peer), context.Security.Secret, binding);
            if (await ShakeHandsAsync(handshake, channel, tryCommit, linked.Token).ConfigureAwait(false))
            {
                if (context.Security.ProvesServer) channel.MarkAuthenticated();
                return (channel, handshake.Peer);
            }

            channel.Dispose();
            throw new DuplicateConnectionException(peer);
        }
        catch (Exception error)
        {
            socket?.Dispose();
            if (Explain(context, peer, error, cancellationToken) is { } explained) throw explained;
            throw;
        }
    }

    private static async Task<bool> ShakeHandsAsync(ClientHandshake handshake, Channel channel, Func<bool> tryCommit, CancellationToken cancellationToken)
    {
        await channel.SendAsync(handshake.Opening, cancellationToken).ConfigureAwait(false);
        try
        {
            var prelude = new byte[HandshakeFormat.PreludeBytes];
            await HandshakeIo.FillAsync(channel, prelude, cancellationToken).ConfigureAwait(false);
            handshake.TakePrelude(prelude);
            var (step, body) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
            handshake.TakeHello(prelude, step, body);
            (step, body) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
            handshake.TakeProof(step, body);
        }
        catch (HandshakeException error) when (error.TellPeer)
        {
            await HandshakeIo.TryTellAsync(channel, HandshakeFormat.EncodeRefusal(error.Message), cancellationToken).ConfigureAwait(false);
            throw;
        }

        if (!tryCommit()) return false;
        await channel.SendAsync(handshake.Proof(), cancellationToken).ConfigureAwait(false);
        var (outcome, reason) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
        return ClientHandshake.TakeVerdict(outcome, reason);
    }

    /// <summary>What a failure means to who asked for the connection; null for what is no failure of connecting.</summary>
    private static RpcConnectionException? Explain(TransportContext context, RpcAddress peer, Exception error, CancellationToken cancellationToken) => error switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,
        OperationCanceledException when context.Stopping.IsCancellationRequested => new RpcConnectionException($"Cannot connect to {peer}: this env has stopped.", error),
        OperationCanceledException => new RpcConnectionException($"Cannot connect to {peer}: no answer within {AskTimeout.Format(context.Options.ConnectionTimeout)} (spark.rpc.io.connectionTimeout).", error),
        SocketException or HandshakeException or IOException => new RpcConnectionException($"Cannot connect to {peer}: {error.Message}.", error)
        {
            IsRefused = error is SocketException { SocketErrorCode: SocketError.ConnectionRefused },
        },
        _ => null,
    };

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
}
