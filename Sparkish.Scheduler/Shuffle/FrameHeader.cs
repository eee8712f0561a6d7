using System.Buffers.Binary;
using Sparkish.Serialization.Rows;

namespace Sparkish.Shuffle;

/// <summary>
/// The header of each run of records in a shuffle file: its length, its number of records, and a checksum that is verified before any record is decoded.
/// </summary>
internal readonly record struct FrameHeader(int Bytes, int Records, uint Checksum)
{
    public const int Size = 12;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], Records);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Checksum);
    }

    public static FrameHeader Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt32LittleEndian(source), BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[8..]));

    /// <summary>CRC-32C over the number of records and the records.</summary>
    public static uint ChecksumOf(int records, ReadOnlySpan<byte> bytes) => Crc32C.Of((uint)records, bytes);
}
