using System.Numerics;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Rows;

/// <summary>CRC-32C, eight bytes at a time through the processor's instruction if available.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of a number and bytes.</summary>
    public static uint Of(uint number, ReadOnlySpan<byte> bytes)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, number);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var b in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
