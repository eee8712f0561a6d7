using System.Buffers.Binary;

namespace Sparkish.Tests.Closures;

/// <summary>Blocks of bytes on a stream, each behind its length.</summary>
internal static class Frames
{
    public static void Write(Stream stream, ReadOnlySpan<byte> block)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, block.Length);
        stream.Write(length);
        stream.Write(block);
        stream.Flush();
    }

    /// <summary>The next block; null at the end of the stream.</summary>
    public static byte[]? Read(Stream stream)
    {
        var length = new byte[4];
        if (stream.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length) return null;
        var block = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        stream.ReadExactly(block);
        return block;
    }
}
