using System.Net.Sockets;

namespace Sparkish.Rpc.Transport;

/// <summary>Moves the messages of a handshake over a channel, never reading a byte beyond the message: what follows belongs to others.</summary>
internal static class HandshakeIo
{
    public const string Ended = "it closed the connection during the handshake";
    public const string EndedBehindTls = "it closed the connection when TLS was agreed on and before it said a word: it does not trust this node's certificate, perhaps";

    /// <summary>Receives exactly as many bytes as the destination has room for.</summary>
    /// <exception cref="HandshakeException">The peer ended the connection before; <paramref name="ended"/> is the message.</exception>
    public static async ValueTask FillAsync(IChannel channel, Memory<byte> destination, CancellationToken cancellationToken, string ended = Ended)
    {
        while (!destination.IsEmpty)
        {
            var read = await channel.ReceiveAsync(destination, cancellationToken).ConfigureAwait(false);
            if (read == 0) throw new HandshakeException(ended);
            destination = destination[read..];
        }
    }

    /// <summary>Receives like <see cref="FillAsync"/>, blocking the thread.</summary>
    /// <exception cref="HandshakeException">The peer ended the connection before.</exception>
    public static void Fill(SocketChannel channel, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = channel.Receive(destination);
            if (read == 0) throw new HandshakeException(Ended);
            destination = destination[read..];
        }
    }

    /// <summary>Tells the peer why there will be no connection, if it is still there: the reason itself matters more than whether it was told.</summary>
    public static async Task TryTellAsync(IChannel channel, byte[] refusal, CancellationToken cancellationToken)
    {
        try
        {
            await channel.SendAsync(refusal, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It has left already.
        }
    }

    /// <inheritdoc cref="TryTellAsync"/>
    public static void TryTell(SocketChannel channel, byte[] refusal)
    {
        try
        {
            channel.Send(refusal);
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
        {
            // It has left already.
        }
    }

    public static async Task<(HandshakeStep Step, byte[] Body)> ReadAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var header = new byte[HandshakeFormat.HeaderBytes];
        await FillAsync(channel, header, cancellationToken).ConfigureAwait(false);
        var body = new byte[HandshakeFormat.BodyBytes(header)];
        await FillAsync(channel, body, cancellationToken).ConfigureAwait(false);
        return ((HandshakeStep)header[0], body);
    }

    public static (HandshakeStep Step, byte[] Body) Read(SocketChannel channel)
    {
        Span<byte> header = stackalloc byte[HandshakeFormat.HeaderBytes];
        Fill(channel, header);
        var body = new byte[HandshakeFormat.BodyBytes(header)];
        Fill(channel, body);
        return ((HandshakeStep)header[0], body);
    }
}
