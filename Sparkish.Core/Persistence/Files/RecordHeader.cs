using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sparkish.Serialization.Rows;

namespace Sparkish.Persistence.Files;

/// <summary>
/// The header of each batch in a segment. Its own checksum makes the length trustworthy before bytes are read or memory is allocated. Its position detects a
/// block that the disk has misplaced; <see cref="DurableBefore"/> proves which bytes had been flushed before it was written.
/// </summary>
/// <param name="Position">The position of the record in its file.</param>
/// <param name="DurableBefore">The flushed length of the file when this record was written: damage before that position is not a torn append.</param>
/// <param name="Epoch">The term under which it was appended, which is its segment's.</param>
/// <param name="FirstSequence">The number of its first event.</param>
/// <param name="Count">Number of events.</param>
/// <param name="Length">Number of bytes that follow: each event's length as four bytes, and its bytes.</param>
/// <param name="Checksum">The checksum of those bytes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RecordHeader(long Position, long DurableBefore, long Epoch, long FirstSequence, int Count, int Length, uint Checksum)
{
    public const int Size = 52;

    /// <summary>Maximum number of events of a batch: together with <see cref="IJournal.MaxBatchBytes"/> it limits the memory for reading.</summary>
    public const int MaxCount = 1 << 20;

    public const uint Magic = 0x314A5253; // SRJ1

    public long LastSequence => FirstSequence + Count - 1;

    public long End => Position + Size + Length;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], Position);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], DurableBefore);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], FirstSequence);
        BinaryPrimitives.WriteInt32LittleEndian(to[40..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(to[44..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[48..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], Crc32C.Of(Magic, to[8..Size]));
    }

    /// <summary>Null unless there is a complete header that was written for this position.</summary>
    public static RecordHeader? Read(ReadOnlySpan<byte> from, long position)
    {
        if (from.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(from[4..]) != Crc32C.Of(Magic, from[8..Size])) return null;
        var header = new RecordHeader(
            BinaryPrimitives.ReadInt64LittleEndian(from[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[40..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[44..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[48..]));
        return header.Position == position && header.IsSane ? header : null;
    }

    private bool IsSane =>
        Count is > 0 and <= MaxCount && Length >= Count * sizeof(int) && Length <= IJournal.MaxBatchBytes + (Count * sizeof(int))
        && FirstSequence > 0 && DurableBefore >= 0 && DurableBefore <= Position;
}
