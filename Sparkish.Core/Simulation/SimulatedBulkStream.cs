using Sparkish.Rpc.Bulk;

namespace Sparkish.Simulation;

/// <summary>A body as its server had it at the moment of opening.</summary>
internal sealed class SimulatedBulkStream(byte[] body) : BulkStream
{
    private readonly MemoryStream _body = new(body, writable: false);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _body.Length;

    public override long Position
    {
        get => _body.Position;
        set => throw new NotSupportedException("A stream from a peer cannot seek.");
    }

    /// <summary>Reads the content that a server serves.</summary>
    public static SimulatedBulkStream CopyOf(BulkContent content)
    {
        var body = new byte[content.Length];
        var at = 0;
        foreach (var piece in content.Pieces)
        {
            var part = body.AsSpan(at, (int)piece.Length);
            if (piece.File is null) piece.Bytes.Span.CopyTo(part);
            else Read(piece, part);
            at += part.Length;
        }

        return new SimulatedBulkStream(body);
    }

    public override int Read(Span<byte> buffer) => _body.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => _body.Read(buffer, offset, count);

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A stream from a peer cannot seek.");

    public override void SetLength(long value) => throw new NotSupportedException("A stream from a peer is read-only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A stream from a peer is read-only.");

    protected override void Dispose(bool disposing)
    {
        if (disposing) _body.Dispose();
        base.Dispose(disposing);
    }

    private static void Read(BulkPiece piece, Span<byte> part)
    {
        for (var done = 0; done < part.Length;)
        {
            var read = RandomAccess.Read(piece.File!, part[done..], piece.Offset + done);
            if (read == 0) throw new IOException($"The file ended with {part.Length - done} of {piece.Length} bytes missing.");
            done += read;
        }
    }
}
