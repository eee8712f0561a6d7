using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Sparkish.Diagnostics;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Rpc.Sockets;

/// <summary>The requesting side of bulk connections: one request at a time on a pooled socket. Blocks its caller. Thread-safe.</summary>
internal sealed class BulkReceiver(ChannelContext context) : IDisposable
{
    private readonly BulkSocketPool _pool = new(context.Time);

    /// <summary>Requests a path from a peer and returns its body as a stream.</summary>
    /// <exception cref="RpcConnectionException">The peer cannot be reached or went away.</exception>
    /// <exception cref="BulkNotFoundException">The peer replied with a failure.</exception>
    public BulkStream Open(RpcAddress peer, string path)
    {
        var request = EncodeRequest(path);
        if (_pool.TryTake(peer) is { } kept)
        {
            try
            {
                return Ask(kept, peer, request);
            }
            catch (EndOfStreamException)
            {
                kept.Dispose(); // it was closed in the pool: a new one may succeed
            }
        }

        var channel = BlockingDialler.Connect(context, peer);
        try
        {
            return Ask(channel, peer, request);
        }
        catch (EndOfStreamException error)
        {
            channel.Dispose();
            throw new RpcConnectionException($"{peer} disconnected before it answered the request for '{path}'.", error);
        }
    }

    public void Dispose() => _pool.Dispose();

    private static byte[] EncodeRequest(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var length = Encoding.UTF8.GetByteCount(path);
        if (length > BulkSender.MaxPathBytes)
            throw new ArgumentException($"The path has {length} bytes; at most {BulkSender.MaxPathBytes} are allowed.", nameof(path));
        var request = new byte[sizeof(int) + length];
        BinaryPrimitives.WriteInt32LittleEndian(request, length);
        Encoding.UTF8.GetBytes(path, request.AsSpan(sizeof(int)));
        return request;
    }

    /// <summary>Sends one request and reads the head of its response.</summary>
    /// <exception cref="EndOfStreamException">The connection had ended before a byte of the response arrived.</exception>
    private NetworkBulkStream Ask(SocketChannel channel, RpcAddress peer, byte[] request)
    {
        Span<byte> header = stackalloc byte[1 + sizeof(long)];
        try
        {
            channel.Send(request);
            if (channel.Receive(header[..1]) == 0) throw new EndOfStreamException();
        }
        catch (Exception error) when (IsEnd(error))
        {
            throw new EndOfStreamException(error.Message, error);
        }
        catch (Exception error) when (error is SocketException or IOException and not EndOfStreamException)
        {
            channel.Dispose();
            throw new RpcConnectionException($"{peer} did not answer a request for a stream: {error.Message} (spark.network.timeout).", error);
        }

        try
        {
            if (header[0] == BulkSender.Found)
            {
                BlockingHandshakeIo.Fill(channel, header[1..]);
                var length = BinaryPrimitives.ReadInt64LittleEndian(header[1..]);
                if (length < 0) throw new HandshakeException($"it announced a stream of {length} bytes");
                return new NetworkBulkStream(channel, length, peer, _pool);
            }

            throw new BulkNotFoundException(ReadFailure(channel, peer));
        }
        catch (Exception error) when (error is SocketException or HandshakeException or IOException)
        {
            channel.Dispose();
            throw new RpcConnectionException($"The answer of {peer} to a request for a stream cannot be read: {error.Message}.", error);
        }
    }

    /// <summary>Whether the peer had closed the connection, over TLS or not.</summary>
    private static bool IsEnd(Exception error) => (error as SocketException ?? error.InnerException)
        is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown };

    private string ReadFailure(SocketChannel channel, RpcAddress peer)
    {
        Span<byte> header = stackalloc byte[sizeof(int)];
        BlockingHandshakeIo.Fill(channel, header);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 0 or > BulkSender.MaxPathBytes) throw new HandshakeException($"it announced an error text of {length} bytes");
        var text = new byte[length];
        BlockingHandshakeIo.Fill(channel, text);
        _pool.Return(peer, channel);
        return LogText.KeepLines(Encoding.UTF8.GetString(text));
    }
}
