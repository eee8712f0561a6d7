using System.Net.Sockets;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Sockets;

/// <summary>
/// A body received from a connection directly into the reader's memory. The connection is returned to the pool after the body was read to its end, and closed
/// otherwise.
/// </summary>
internal sealed class NetworkBulkStream(SocketChannel channel, long length, RpcAddress peer, BulkSocketPool pool) : BulkStream
{
    private long _left = length;
    private bool _disposed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length { get; } = length;

    public override long Position
    {
        get => Length - _left;
        set => throw new NotSupportedException("A stream from a peer cannot seek.");
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_left == 0 || buffer.IsEmpty) return 0;
        int read;
        try
        {
            read = channel.Receive(buffer[..(int)Math.Min(_left, buffer.Length)]);
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            throw new IOException($"The stream from {peer} failed with {_left} of {Length} bytes missing: {error.Message}", error);
        }

        if (read == 0) throw new IOException($"The stream from {peer} ended with {_left} of {Length} bytes missing.");
        _left -= read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A stream from a peer cannot seek.");

    public override void SetLength(long value) => throw new NotSupportedException("A stream from a peer is read-only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A stream from a peer is read-only.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            if (_left == 0) pool.Return(peer, channel);
            else channel.Dispose();
        }

        base.Dispose(disposing);
    }
}
