using System.Net.Sockets;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The listening side of one handshake, all within <c>spark.rpc.io.connectionTimeout</c>. Whoever is no peer costs one line in the log and a closed socket.
/// </summary>
internal static class Greeter
{
    /// <summary>Shakes hands with whoever was accepted.</summary>
    /// <returns>The channel and who serves it; nulls when there is no connection, and then the socket is closed.</returns>
    public static async Task<(Channel? Channel, Func<Channel, Task>? Serve)> GreetAsync(TransportContext context, Socket socket, IConnectionAcceptor acceptor)
    {
        Channel? channel = null;
        var remote = "an unknown address";
        try
        {
            remote = socket.RemoteEndPoint?.ToString() ?? remote;
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            using var timeout = new CancellationTokenSource(context.Options.ConnectionTimeout, context.Env.Time);
            using var stop = context.Stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), timeout);
            channel = new Channel(socket);
            var handshake = new ServerHandshake(context.Hello, context.Security.Secret, default);
            await ShakeHandsAsync(context, handshake, channel, timeout.Token).ConfigureAwait(false);
            var serve = acceptor.Admit(handshake.Peer, channel.IsAuthenticated);
            await TellAsync(channel, serve is not null, timeout.Token).ConfigureAwait(false);
            if (serve is not null) return (channel, serve);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or IOException or HandshakeException or ObjectDisposedException)
        {
            context.Log.HandshakeRefused(remote, Explain(context, error));
        }

        if (channel is not null) channel.Dispose();
        else socket.Dispose();
        return default;
    }

    private static async Task ShakeHandsAsync(TransportContext context, ServerHandshake handshake, Channel channel, CancellationToken cancellationToken)
    {
        try
        {
            var prelude = new byte[HandshakeFormat.PreludeBytes];
            await HandshakeIo.FillAsync(channel, prelude, cancellationToken).ConfigureAwait(false);
            handshake.TakePrelude(prelude);
            var (step, body) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
            await channel.SendAsync(handshake.TakeHello(prelude, step, body), cancellationToken).ConfigureAwait(false);
            (step, body) = await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
            handshake.TakeProof(step, body);
        }
        catch (HandshakeException error) when (error.TellPeer)
        {
            await channel.SendAsync(handshake.Refusal(error.Message), cancellationToken).ConfigureAwait(false);
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

    private static string Explain(TransportContext context, Exception error) => error switch
    {
        OperationCanceledException when context.Stopping.IsCancellationRequested => "this env has stopped",
        OperationCanceledException => $"no handshake within {AskTimeout.Format(context.Options.ConnectionTimeout)} (spark.rpc.io.connectionTimeout)",
        _ => error.Message,
    };
}
