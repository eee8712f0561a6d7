using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// Reads jute from a frame. The bytes are untrusted: each length is checked against the remaining bytes before memory is allocated, so the frame's size limits
/// the memory.
/// </summary>
/// <remarks>Every member throws <see cref="ZooKeeperProtocolException"/> if the frame is not such a record.</remarks>
[StructLayout(LayoutKind.Auto)]
internal ref struct JuteReader(ReadOnlySpan<byte> frame)
{
    private ReadOnlySpan<byte> _rest = frame;

    public readonly int Remaining => _rest.Length;

    public bool Bool() => Take(1)[0] != 0;

    public int Int() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public long Long() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    /// <summary>A buffer; null, which jute writes as the length -1, counts as empty.</summary>
    public byte[] Bytes() => Take(Length(1)).ToArray();

    /// <summary>Reads a buffer without copying it from the frame.</summary>
    public ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> frame)
    {
        var length = Length(1);
        var start = frame.Length - _rest.Length;
        Take(length);
        return frame.Slice(start, length);
    }

    public string Text()
    {
        var bytes = Take(Length(1));
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new ZooKeeperProtocolException("a text is not valid UTF-8");
    }

    public List<string> Texts()
    {
        var count = Length(sizeof(int));
        var texts = new List<string>(count);
        for (var i = 0; i < count; i++) texts.Add(Text());
        return texts;
    }

    // Reads the number of elements, each of at least a given number of bytes.
    private int Length(int bytesEach)
    {
        var length = Int();
        if (length == -1) return 0;
        if (length < 0 || length > _rest.Length / bytesEach) throw new ZooKeeperProtocolException($"a length is {length}, but {_rest.Length} bytes are left");
        return length;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) throw new ZooKeeperProtocolException($"{count} bytes are needed, but {_rest.Length} are left");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
