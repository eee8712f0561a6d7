using System.Net.Sockets;

namespace Sparkish.Rpc.Handshakes;

/// <summary>Transfers the messages of a handshake over a channel. It never reads a byte beyond the message: later bytes belong to other readers.</summary>
internal static class HandshakeIo
{
    public const string Ended = "it closed the connection during the handshake";
    public const string EndedBehindTls =
        "it closed the connection after the TLS handshake without sending anything: perhaps it does not trust this node's certificate";

    /// <summary>Receives exactly as many bytes as the destination holds.</summary>
    /// <exception cref="HandshakeException">The peer closed the connection earlier; <paramref name="ended"/> is the message.</exception>
    public static async ValueTask FillAsync(IChannel channel, Memory<byte> destination, CancellationToken cancellationToken, string ended = Ended)
    {
        while (!destination.IsEmpty)
        {
            var read = await channel.ReceiveAsync(destination, cancellationToken).ConfigureAwait(false);
            if (read == 0) throw new HandshakeException(ended);
            destination = destination[read..];
        }
    }

    /// <summary>Sends the reason for a refusal to the peer, if it is still connected. A failure to send is ignored: the reason matters more.</summary>
    public static async Task TryTellAsync(IChannel channel, byte[] refusal, CancellationToken cancellationToken)
    {
        try
        {
            await channel.SendAsync(refusal, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer has already disconnected.
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
