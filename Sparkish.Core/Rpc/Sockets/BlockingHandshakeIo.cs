using System.Net.Sockets;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Rpc.Sockets;

/// <summary>Moves the messages of a handshake over a socket like <see cref="HandshakeIo"/>, blocking the thread.</summary>
internal static class BlockingHandshakeIo
{
    /// <summary>Receives like <see cref="HandshakeIo.FillAsync"/>, blocking the thread.</summary>
    /// <exception cref="HandshakeException">The peer closed the connection earlier.</exception>
    public static void Fill(SocketChannel channel, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = channel.Receive(destination);
            if (read == 0) throw new HandshakeException(HandshakeIo.Ended);
            destination = destination[read..];
        }
    }

    /// <inheritdoc cref="HandshakeIo.TryTellAsync"/>
    public static void TryTell(SocketChannel channel, byte[] refusal)
    {
        try
        {
            channel.Send(refusal);
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
        {
            // The peer has already disconnected.
        }
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
