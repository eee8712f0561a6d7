using System.Buffers.Binary;
using Sparkish.Serialization.Rows;

namespace Sparkish.Persistence.Files;

/// <summary>Reads the records of a segment, one after the other, until the first incomplete one.</summary>
internal sealed class SegmentScanner(JournalDirectory directory, IJournalFile file, SegmentHeader header, long end) : IDisposable
{
    private const int ChunkBytes = 256 << 10;

    private byte[] _buffer = new byte[(int)Math.Clamp(end - SegmentHeader.Size, RecordHeader.Size, ChunkBytes)];
    private long _bufferAt;
    private int _count;

    /// <summary>The position of the next record.</summary>
    public long Position { get; private set; } = SegmentHeader.Size;

    /// <summary>The number of the next event.</summary>
    public long NextSequence { get; private set; } = header.Id.FirstSequence;

    /// <summary>The end of the range to read.</summary>
    public long End => end;

    /// <summary>Null if no complete record follows. The body is valid until the next call.</summary>
    public RecordHeader? Next(out ReadOnlyMemory<byte> body)
    {
        body = default;
        if (RecordHeader.Read(Bytes(Position, RecordHeader.Size).Span, Position) is not { } record) return null;
        if (record.Epoch != header.Id.Epoch || record.FirstSequence != NextSequence || record.End > end) return null;
        var bytes = Bytes(Position + RecordHeader.Size, record.Length);
        if (bytes.Length != record.Length || Crc32C.Of(RecordHeader.Magic, bytes.Span) != record.Checksum || !AreEvents(bytes.Span, record.Count)) return null;
        body = bytes;
        Position = record.End;
        NextSequence = record.LastSequence + 1;
        return record;
    }

    /// <summary>
    /// Throws unless the bytes after <see cref="Position"/> can be the remains of an unacknowledged append. They must lie beyond the known flushed length, and
    /// no later record may have been written after a flush of this position.
    /// </summary>
    /// <param name="durable">The flushed length of the segment, as far as known.</param>
    /// <exception cref="JournalCorruptException">The bytes had been safe and are damaged.</exception>
    public void CheckTorn(long durable)
    {
        if (Position < durable)
        {
            throw directory.Corrupt(header.Id.FileName, Position, file.Length <= Position
                ? $"the file ends there, but it held acknowledged events from number {NextSequence} on, up to byte {durable}"
                : $"no complete record of event {NextSequence} starts there, but acknowledged events extend to byte {durable}");
        }

        if (LaterProof() is { } proof)
        {
            throw directory.Corrupt(
                header.Id.FileName, Position,
                    $"no complete record of event {NextSequence} starts there, but the record at byte {proof} was written after it had been flushed");
        }
    }

    /// <summary>The events of a record's body, as parts of it.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Events(ReadOnlyMemory<byte> body)
    {
        while (!body.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(body.Span);
            yield return body.Slice(sizeof(int), length);
            body = body[(sizeof(int) + length)..];
        }
    }

    public void Dispose() => file.Dispose();

    private static bool AreEvents(ReadOnlySpan<byte> body, int count)
    {
        for (; count > 0; count--)
        {
            if (body.Length < sizeof(int)) return false;
            var length = BinaryPrimitives.ReadInt32LittleEndian(body);
            if (length < 0 || length > body.Length - sizeof(int)) return false;
            body = body[(sizeof(int) + length)..];
        }

        return body.IsEmpty;
    }

    // A header contains its own position and checksum, so that bytes of an event are not mistaken for one.
    private long? LaterProof()
    {
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, RecordHeader.Magic);
        for (var from = Position + 1; from + RecordHeader.Size <= end;)
        {
            var bytes = Bytes(from, (int)Math.Min(ChunkBytes, end - from)).Span;
            if (bytes.Length < RecordHeader.Size) return null;
            var at = bytes.IndexOf(magic);
            if (at < 0)
            {
                from += bytes.Length - (magic.Length - 1);
                continue;
            }

            from += at;
            if (bytes.Length - at < RecordHeader.Size)
            {
                if (from + RecordHeader.Size > end) return null;
                bytes = Bytes(from, RecordHeader.Size).Span;
                at = 0;
            }

            if (RecordHeader.Read(bytes[at..], from) is { } record && record.Epoch == header.Id.Epoch && record.DurableBefore > Position) return from;
            from++;
        }

        return null;
    }

    // The length was checked before: by the header's checksum, and against the end of the file.
    private ReadOnlyMemory<byte> Bytes(long position, int length)
    {
        length = (int)Math.Min(length, end - position);
        if (length <= 0) return default;
        if (position < _bufferAt || position + length > _bufferAt + _count)
        {
            if (length > _buffer.Length || (_buffer.Length > ChunkBytes && length <= ChunkBytes)) _buffer = new byte[Math.Max(length, ChunkBytes)];
            _bufferAt = position;
            _count = file.Read(position, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, end - position)));
        }

        return _buffer.AsMemory((int)(position - _bufferAt), Math.Min(length, _count - (int)(position - _bufferAt)));
    }
}
