using System.Net.Sockets;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// The handshake of a message connection over a channel, for both sides, all within <c>spark.rpc.io.connectionTimeout</c>.
/// </summary>
internal static class Greeting
{
    private const int MaxDrainedBytes = 64 << 10;

    private static long _lastOrder;

    /// <summary>Opens a channel to a peer and performs the handshake; both sides are authenticated when it returns.</summary>
    /// <param name="context">The shared state of the env's channels.</param>
    /// <param name="dialler">Opens the channel.</param>
    /// <param name="peer">The address to dial.</param>
    /// <param name="tryCommit">
    /// Called with the peer's hello and its order before this side sends its proof, which cannot be undone; false cancels the handshake.
    /// </param>
    /// <param name="cancellationToken">Cancels the connection attempt.</param>
    /// <exception cref="RpcConnectionException">The peer cannot be reached or is not a valid peer.</exception>
    /// <exception cref="DuplicateConnectionException">The peer keeps another connection with this env.</exception>
    public static async Task<(IChannel Channel, PeerIdentity Peer)> DialAsync(
        ChannelContext context, IDialler dialler, RpcAddress peer, Func<Hello, long, bool> tryCommit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(context.ConnectionTimeout, context.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.Stopping, cancellationToken);
        IChannel? channel = null;
        var made = Guid.Empty;
        try
        {
            if (peer.Port <= 0) throw new HandshakeException("its env does not listen");
            (channel, var binding, _) = await dialler.OpenAsync(peer, linked.Token).ConfigureAwait(false);
            var handshake = new ClientHandshake(context.HelloTo(peer), context.Security.ToProve(peer.ToString()), binding, context.NewNonce());
            var order = 0L;
            if (await GreetAsync(handshake, channel, TryCommit, linked.Token).ConfigureAwait(false))
            {
                var isAuthenticated = handshake.Credential.Proves || binding.Peer is not null;
                return (channel, new PeerIdentity(handshake.Peer, handshake.Spoken, isAuthenticated, order, handshake.Credential.Realm));
            }

            throw new DuplicateConnectionException(peer);

            bool TryCommit(Hello hello)
            {
                context.Handshakes.Add(made = handshake.Id);
                return tryCommit(hello, order = Interlocked.Increment(ref _lastOrder));
            }
        }
        catch (Exception error)
        {
            channel?.Dispose();
            if (Explain(context, peer, error, cancellationToken) is { } explained) throw explained;
            throw;
        }
        finally
        {
            context.Handshakes.Remove(made);
        }
    }

    /// <summary>Performs the handshake with a connecting peer. An invalid peer costs one log line and a closed channel.</summary>
    /// <param name="context">The shared state of the env's channels.</param>
    /// <param name="incoming">The connection.</param>
    /// <param name="acceptor">Decides about a proven peer.</param>
    /// <param name="onRefused">Called with the reason of a refusal.</param>
    /// <param name="giveUp">Ends the handshake.</param>
    /// <returns>The channel and the handler that serves it; both null if the connection was refused and its channel is closed.</returns>
    public static async Task<(IChannel? Channel, Func<IChannel, Task>? Serve)> AcceptAsync(
        ChannelContext context, IIncomingChannel incoming, IConnectionAcceptor acceptor, Action<string> onRefused, CancellationToken giveUp)
    {
        using var timeout = new CancellationTokenSource(context.ConnectionTimeout, context.Time);
        using var stop = context.Stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), timeout);
        using var dropped = giveUp.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), timeout);
        IChannel? channel = null;
        try
        {
            (channel, var binding, var refusal) = await incoming.OpenAsync(timeout.Token).ConfigureAwait(false);
            await context.Security.WhenReadyAsync(timeout.Token).ConfigureAwait(false);
            var handshake = new ServerHandshake(context.Hello, context.Security.ToAccept, binding, context.NewNonce());
            var order = await GreetAsync(handshake, channel, refusal, timeout.Token).ConfigureAwait(false);
            var isAuthenticated = handshake.Credential.Proves || !binding.ClientCertificate.IsEmpty;
            var identity = new PeerIdentity(handshake.Peer, handshake.Spoken, isAuthenticated, order, handshake.Credential.Realm) { Handshake = handshake.Id };
            var serve = await AdmitAsync(acceptor, identity, channel, timeout.Token).ConfigureAwait(false);
            await TellAsync(channel, serve is not null, timeout.Token).ConfigureAwait(false);
            if (serve is not null) return (channel, serve);
        }
        catch (Exception error) when (IsEnd(error))
        {
            onRefused(Explain(context, error));
            if (channel is not null && error is HandshakeException { TellPeer: true }) await DrainAsync(channel, timeout.Token).ConfigureAwait(false);
        }
        catch
        {
            (channel ?? (IDisposable)incoming).Dispose();
            throw;
        }

        (channel ?? (IDisposable)incoming).Dispose();
        return default;
    }

    private static async Task<bool> GreetAsync(ClientHandshake handshake, IChannel channel, Func<Hello, bool> tryCommit, CancellationToken cancellationToken)
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

        if (!tryCommit(handshake.Peer)) return false;
        await channel.SendAsync(handshake.Proof(), cancellationToken).ConfigureAwait(false);
        var (outcome, reason) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
        return ClientHandshake.TakeVerdict(outcome, reason);
    }

    private static async Task<long> GreetAsync(ServerHandshake handshake, IChannel channel, string? refusal, CancellationToken cancellationToken)
    {
        try
        {
            if (refusal is not null) throw new HandshakeException(refusal, tellPeer: true);
            var prelude = new byte[HandshakeFormat.PreludeBytes];
            await HandshakeIo.FillAsync(channel, prelude, cancellationToken, channel.IsEncrypted ? HandshakeIo.EndedBehindTls : HandshakeIo.Ended)
                .ConfigureAwait(false);
            handshake.TakePrelude(prelude);
            var (step, body) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
            var order = Interlocked.Increment(ref _lastOrder);
            await channel.SendAsync(handshake.TakeHello(prelude, step, body), cancellationToken).ConfigureAwait(false);
            (step, body) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
            handshake.TakeProof(step, body);
            return order;
        }
        catch (HandshakeException error) when (error.TellPeer)
        {
            await HandshakeIo.TryTellAsync(channel, handshake.Refusal(error.Message), cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<Func<IChannel, Task>?> AdmitAsync(
        IConnectionAcceptor acceptor, PeerIdentity peer, IChannel channel, CancellationToken cancellationToken)
    {
        try
        {
            return await acceptor.AdmitAsync(peer).ConfigureAwait(false);
        }
        catch (HandshakeException error) when (error.TellPeer)
        {
            await HandshakeIo.TryTellAsync(channel, HandshakeFormat.EncodeRefusal(error.Message), cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task TellAsync(IChannel channel, bool accepted, CancellationToken cancellationToken)
    {
        try
        {
            await channel.SendAsync(HandshakeFormat.Encode(accepted ? HandshakeStep.Accepted : HandshakeStep.Duplicate), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception error) when (accepted && error is OperationCanceledException or SocketException or IOException)
        {
            channel.Dispose(); // it has disconnected; the function that serves it notices and removes it again
        }
    }

    /// <summary>Waits until the peer has received the refusal: closing with unread bytes of the peer would reset the connection and lose it.</summary>
    private static async Task DrainAsync(IChannel channel, CancellationToken cancellationToken)
    {
        try
        {
            channel.ShutdownSend();
            var buffer = new byte[4096];
            for (int read, left = MaxDrainedBytes; left > 0 && (read = await channel.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
                left -= read;
        }
        catch (Exception error) when (IsEnd(error))
        {
            // The peer has disconnected, or will not: the refusal was sent, and nothing more follows.
        }
    }

    private static bool IsEnd(Exception error) =>
        error is OperationCanceledException or SocketException or IOException or HandshakeException or ObjectDisposedException;

    private static string Explain(ChannelContext context, Exception error) => error switch
    {
        OperationCanceledException when context.Stopping.IsCancellationRequested => "this env has stopped",
        OperationCanceledException => $"no handshake within {AskTimeout.Format(context.ConnectionTimeout)} (spark.rpc.io.connectionTimeout)",
        _ => error.Message,
    };

    /// <summary>Maps a failure to an exception for the caller that requested the connection; null if it is not a connection failure.</summary>
    private static RpcConnectionException? Explain(ChannelContext context, RpcAddress peer, Exception error, CancellationToken cancellationToken) =>
        error switch
        {
            OperationCanceledException when cancellationToken.IsCancellationRequested => null,
            OperationCanceledException when context.Stopping.IsCancellationRequested =>
                new RpcConnectionException($"Cannot connect to {peer}: this env has stopped.", error),
            OperationCanceledException =>
                new RpcConnectionException(
                    $"Cannot connect to {peer}: no answer within {AskTimeout.Format(context.ConnectionTimeout)} (spark.rpc.io.connectionTimeout).", error),
            SocketException or HandshakeException or IOException => new RpcConnectionException($"Cannot connect to {peer}: {error.Message}.", error)
            {
                IsRefused = error is SocketException { SocketErrorCode: SocketError.ConnectionRefused },
            },
            _ => null,
        };
}
