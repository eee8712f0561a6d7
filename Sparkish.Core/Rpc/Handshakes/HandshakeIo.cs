using System.Net.Sockets;

namespace Sparkish.Rpc.Handshakes;

/// <summary>Moves the messages of a handshake over a channel, never reading a byte beyond the message: what follows belongs to others.</summary>
internal static class HandshakeIo
{
    public const string Ended = "it closed the connection during the handshake";
    public const string EndedBehindTls =
        "it closed the connection when TLS was agreed on and before it said a word: it does not trust this node's certificate, perhaps";

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

    public static async Task<(HandshakeStep Step, byte[] Body)> ReadAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var header = new byte[HandshakeFormat.HeaderBytes];
        await FillAsync(channel, header, cancellationToken).ConfigureAwait(false);
        var body = new byte[HandshakeFormat.BodyBytes(header)];
        await FillAsync(channel, body, cancellationToken).ConfigureAwait(false);
        return ((HandshakeStep)header[0], body);
    }
}
