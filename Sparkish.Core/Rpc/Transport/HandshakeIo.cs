namespace Sparkish.Rpc.Transport;

/// <summary>Moves the messages of a handshake over a channel, never reading a byte beyond the message: what follows belongs to others.</summary>
internal static class HandshakeIo
{
    private const string Ended = "it closed the connection during the handshake";

    /// <summary>Receives exactly as many bytes as the destination has room for.</summary>
    /// <exception cref="HandshakeException">The peer ended the connection before.</exception>
    public static async ValueTask FillAsync(Channel channel, Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            var read = await channel.ReceiveAsync(destination, cancellationToken).ConfigureAwait(false);
            if (read == 0) throw new HandshakeException(Ended);
            destination = destination[read..];
        }
    }

    /// <inheritdoc cref="FillAsync"/>
    public static void Fill(Channel channel, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = channel.Receive(destination);
            if (read == 0) throw new HandshakeException(Ended);
            destination = destination[read..];
        }
    }

    public static async Task<(HandshakeStep Step, byte[] Body)> ReadAsync(Channel channel, CancellationToken cancellationToken)
    {
        var header = new byte[HandshakeFormat.HeaderBytes];
        await FillAsync(channel, header, cancellationToken).ConfigureAwait(false);
        var body = new byte[HandshakeFormat.BodyBytes(header)];
        await FillAsync(channel, body, cancellationToken).ConfigureAwait(false);
        return ((HandshakeStep)header[0], body);
    }

    public static (HandshakeStep Step, byte[] Body) Read(Channel channel)
    {
        Span<byte> header = stackalloc byte[HandshakeFormat.HeaderBytes];
        Fill(channel, header);
        var body = new byte[HandshakeFormat.BodyBytes(header)];
        Fill(channel, body);
        return ((HandshakeStep)header[0], body);
    }
}
