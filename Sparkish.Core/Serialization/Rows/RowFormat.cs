using System.Buffers.Binary;

namespace Sparkish.Serialization.Rows;

/// <summary>The header of stored rows, and the header of each batch of them.</summary>
internal static class RowFormat
{
    public const byte Version = 1;

    /// <summary>The longest schema that is believed.</summary>
    public const int MaxSchemaBytes = 1 << 20;

    /// <summary>Magic, version and the length of the rest of the head.</summary>
    public const int PrefixSize = 9;

    public static ReadOnlySpan<byte> Magic => "ROWS"u8;
}

/// <summary>Precedes the rows of a batch: number of bytes and rows, and a checksum of both. A batch without rows is the end; its bytes are 0.</summary>
internal readonly record struct RowBatch(int Bytes, int Rows, uint Checksum)
{
    public const int Size = 12;

    public static RowBatch Of(int rows, ReadOnlySpan<byte> bytes) => new(bytes.Length, rows, Crc32C.Of((uint)rows, bytes));

    public static RowBatch Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt32LittleEndian(source), BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], Rows);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Checksum);
    }
}
