using System.Buffers.Binary;
using System.Text;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Writes jute, the big-endian records of ZooKeeper's protocol, into a growing buffer. For one caller at a time.</summary>
internal sealed class JuteWriter
{
    private byte[] _buffer = new byte[256];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    /// <summary>Discards the written bytes, or all after a position; a large buffer is returned.</summary>
    public void CutTo(int length, int keepCapacity = int.MaxValue)
    {
        Length = length;
        if (length == 0 && _buffer.Length > keepCapacity) _buffer = new byte[keepCapacity];
    }

    /// <summary>Opens a frame, whose length is not known yet; returns the argument of <see cref="EndFrame"/>.</summary>
    public int BeginFrame()
    {
        var start = Length;
        Int(0);
        return start;
    }

    /// <summary>Writes the length of a frame before it, and returns it.</summary>
    public int EndFrame(int start)
    {
        var length = Length - start - sizeof(int);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start), length);
        return length;
    }

    public void Bool(bool value) => Take(1)[0] = value ? (byte)1 : (byte)0;

    public void Int(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);

    public void Long(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), value);

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        value.CopyTo(Take(value.Length));
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Int(length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    public void Texts(IReadOnlyCollection<string> values)
    {
        Int(values.Count);
        foreach (var value in values) Text(value);
    }

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - Length < count) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, checked(Length + count)));
        var span = _buffer.AsSpan(Length, count);
        Length += count;
        return span;
    }
}
