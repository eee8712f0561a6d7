using System.Buffers.Binary;

namespace Sparkish.Serialization.Rows;

/// <summary>Reads the head of stored rows.</summary>
internal static class RowHead
{
    /// <summary>The schema that the rows were written with.</summary>
    public static string Read(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[RowFormat.PrefixSize];
        ReadExactly(stream, prefix);
        if (!prefix.StartsWith(RowFormat.Magic)) throw new SerializationException("The stream was not written by a RowWriter: it does not start with the magic bytes of rows.");
        if (prefix[RowFormat.Magic.Length] != RowFormat.Version)
            throw new SerializationException(
                $"The rows are in format {prefix[RowFormat.Magic.Length]}, but this version reads format {RowFormat.Version}: update the reader.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix[^sizeof(int)..]);
        if ((uint)length > RowFormat.MaxSchemaBytes)
            throw new SerializationException($"The head of the rows claims {length} bytes, which is more than {RowFormat.MaxSchemaBytes}.");
        var head = new byte[RowFormat.PrefixSize + length + sizeof(uint)];
        prefix.CopyTo(head);
        ReadExactly(stream, head.AsSpan(RowFormat.PrefixSize));
        if (BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(head.Length - sizeof(uint))) != Crc32C.Of(
            RowFormat.Version, head.AsSpan(0, head.Length - sizeof(uint))))
            throw new SerializationException("The checksum of the head of the rows does not match: the stream is damaged.");
        var reader = new ByteReader(head.AsSpan(RowFormat.PrefixSize, length));
        var fingerprint = reader.ReadUnmanaged<ulong>();
        return reader.ReadString() is { } schema && SchemaText.Fingerprint(schema) == fingerprint && reader.Remaining == 0
            ? schema
            : throw new SerializationException("The head of the rows holds no schema with its fingerprint.");
    }

    private static void ReadExactly(Stream stream, Span<byte> destination)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            throw new SerializationException("The stream ends within the head of its rows.");
    }
}
