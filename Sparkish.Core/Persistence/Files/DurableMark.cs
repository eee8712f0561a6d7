using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sparkish.Serialization.Rows;

namespace Sparkish.Persistence.Files;

/// <summary>
/// The flushed length of a journal, written in place after each flush and itself flushed only at the end. Any state of it after a crash is true, but perhaps
/// old: damage below the mark was not caused by the crash.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DurableMark(SegmentId Segment, long End, long LastSequence)
{
    public const int Size = 40;

    public const string FileName = "durable";

    private const uint Magic = 0x444A5253; // SRJD

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Segment.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Segment.FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), End);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), LastSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Of(Magic, bytes.AsSpan(8)));
        return bytes;
    }

    /// <summary>Null unless the bytes are complete.</summary>
    public static DurableMark? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Crc32C.Of(Magic, bytes[8..])) return null;
        return new DurableMark(
            new SegmentId(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]));
    }
}
