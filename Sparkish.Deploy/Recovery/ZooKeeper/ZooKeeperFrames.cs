using System.Buffers;
using System.Buffers.Binary;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Splits a stream of bytes into frames: four bytes of length, then as many bytes.</summary>
internal static class ZooKeeperFrames
{
    /// <summary>Removes the next frame; false if it is incomplete.</summary>
    /// <exception cref="ZooKeeperProtocolException">Its length is negative or over the limit, which is detected before the frame is complete.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxBytes, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (buffer.Length < sizeof(int)) return false;

        Span<byte> prefix = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (length < 0 || length > maxBytes) throw new ZooKeeperProtocolException($"a frame of {length} bytes was announced, but at most {maxBytes} are accepted");
        if (buffer.Length - sizeof(int) < length) return false;

        frame = buffer.Slice(sizeof(int), length);
        buffer = buffer.Slice(sizeof(int) + length);
        return true;
    }
}
