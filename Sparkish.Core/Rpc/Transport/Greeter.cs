using System.Net.Sockets;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The listening side of one handshake, all within <c>spark.rpc.io.connectionTimeout</c>. Whoever is no peer costs one line in the log and a closed socket.
/// </summary>
internal static class Greeter
{
    private const int MaxDrainedBytes = 64 << 10;

    /// <summary>Shakes hands with whoever was accepted.</summary>
    /// <returns>The channel and who serves it; nulls when there is no connection, and then the socket is closed.</returns>
    public static async Task<(Channel? Channel, Func<Channel, Task>? Serve)> GreetAsync(SocketContext context, Socket socket, IConnectionAcceptor acceptor)
    {
        using var timeout = new CancellationTokenSource(context.ConnectionTimeout, context.Time);
        using var stop = context.Stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), timeout);
        Channel? channel = null;
        var remote = "an unknown address";
        try
        {
            remote = socket.RemoteEndPoint?.ToString() ?? remote;
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            (channel, var binding, var refusal) = await ChannelOpener.AcceptAsync(socket, context.Security, timeout.Token).ConfigureAwait(false);
            var handshake = new ServerHandshake(context.Hello, context.Security.Secret, binding);
            await ShakeHandsAsync(handshake, channel, refusal, timeout.Token).ConfigureAwait(false);
            if (context.Security.Secret is not null || !binding.ClientCertificate.IsEmpty) channel.MarkAuthenticated();
            var serve = await acceptor.AdmitAsync(handshake.Peer, channel.IsAuthenticated).ConfigureAwait(false);
            await TellAsync(channel, serve is not null, timeout.Token).ConfigureAwait(false);
            if (serve is not null) return (channel, serve);
        }
        catch (Exception error) when (IsEnd(error))
        {
            context.Log.HandshakeRefused(remote, Explain(context, error));
            if (channel is not null && error is HandshakeException { TellPeer: true }) await DrainAsync(channel, timeout.Token).ConfigureAwait(false);
        }

        catch
        {
            socket.Dispose();
            throw;
        }

        if (channel is not null) channel.Dispose();
        else socket.Dispose();
        return default;
    }

    private static async Task ShakeHandsAsync(ServerHandshake handshake, Channel channel, string? refusal, CancellationToken cancellationToken)
    {
        try
        {
            if (refusal is not null) throw new HandshakeException(refusal, tellPeer: true);
            var prelude = new byte[HandshakeFormat.PreludeBytes];
            await HandshakeIo.FillAsync(channel, prelude, cancellationToken, channel.IsEncrypted ? HandshakeIo.EndedBehindTls : HandshakeIo.Ended).ConfigureAwait(false);
            handshake.TakePrelude(prelude);
            var (step, body) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
            await channel.SendAsync(handshake.TakeHello(prelude, step, body), cancellationToken).ConfigureAwait(false);
            (step, body) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
            handshake.TakeProof(step, body);
        }
        catch (HandshakeException error) when (error.TellPeer)
        {
            await HandshakeIo.TryTellAsync(channel, handshake.Refusal(error.Message), cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task TellAsync(Channel channel, bool accepted, CancellationToken cancellationToken)
    {
        try
        {
            await channel.SendAsync(HandshakeFormat.Encode(accepted ? HandshakeStep.Accepted : HandshakeStep.Duplicate), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (accepted && error is OperationCanceledException or SocketException or IOException)
        {
            channel.Dispose(); // it has gone; whoever serves it finds out, and forgets it again
        }
    }

    /// <summary>Waits until the peer has taken the refusal: closed with bytes of the peer unread, the connection would take it back.</summary>
    private static async Task DrainAsync(Channel channel, CancellationToken cancellationToken)
    {
        try
        {
            channel.ShutdownSend();
            var buffer = new byte[4096];
            for (int read, left = MaxDrainedBytes; left > 0 && (read = await channel.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;) left -= read;
        }
        catch (Exception error) when (IsEnd(error))
        {
            // It has left, or does not: it was told, and that is all it gets.
        }
    }

    private static bool IsEnd(Exception error) =>
        error is OperationCanceledException or SocketException or IOException or HandshakeException or ObjectDisposedException;

    private static string Explain(SocketContext context, Exception error) => error switch
    {
        OperationCanceledException when context.Stopping.IsCancellationRequested => "this env has stopped",
        OperationCanceledException => $"no handshake within {AskTimeout.Format(context.ConnectionTimeout)} (spark.rpc.io.connectionTimeout)",
        _ => error.Message,
    };
}
