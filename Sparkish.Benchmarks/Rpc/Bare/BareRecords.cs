using System.Buffers.Binary;

namespace Sparkish.Benchmarks.Rpc.Bare;

/// <summary>Records as bare sockets exchange them: four bytes with the length, then as many bytes.</summary>
internal static class BareRecords
{
    public const int BufferBytes = 64 << 10;

    private const int LengthBytes = sizeof(int);

    /// <summary>How many bytes a record with a payload takes.</summary>
    public static int SizeOf(int payloadBytes) => LengthBytes + payloadBytes;

    /// <summary>Writes a record.</summary>
    /// <returns>The bytes that it takes.</returns>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, payload.Length);
        payload.CopyTo(destination[LengthBytes..]);
        return LengthBytes + payload.Length;
    }

    /// <summary>Reads the first record; false when it has not arrived whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload, out int used)
    {
        payload = default;
        used = 0;
        if (bytes.Length < LengthBytes) return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (bytes.Length - LengthBytes < length) return false;
        payload = bytes.Slice(LengthBytes, length);
        used = LengthBytes + length;
        return true;
    }
}
