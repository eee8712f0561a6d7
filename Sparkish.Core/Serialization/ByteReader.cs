using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sparkish.Serialization;

/// <summary>Reads what a <see cref="ByteWriter"/> wrote. Input is checked: every error is a <see cref="SerializationException"/>.</summary>
public ref struct ByteReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _depth;
    private long _charged;

    /// <summary>Makes a reader over bytes.</summary>
    /// <param name="bytes">The input.</param>
    /// <param name="context">What codecs of live things need on arrival, such as the env that refs belong to.</param>
    public ByteReader(ReadOnlySpan<byte> bytes, SerializationContext? context = null)
    {
        _bytes = bytes;
        Context = context;
    }

    /// <summary>What codecs of live things need on arrival.</summary>
    public SerializationContext? Context { readonly get; internal set; }

    /// <summary>The bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>The bytes left.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>Reads one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if (_position >= _bytes.Length) throw EndOfInput(1);
        return _bytes[_position++];
    }

    /// <summary>Reads a value without references as it lay in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadUnmanaged<T>() where T : struct
    {
        var size = Unsafe.SizeOf<T>();
        if (Remaining < size) throw EndOfInput(size);
        var value = Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref MemoryMarshal.GetReference(_bytes), _position));
        _position += size;
        return value;
    }

    /// <summary>Reads a count of things of which each takes some bytes, so that a false count cannot ask for more memory than the input could fill.</summary>
    public int ReadCount(int minBytesEach = 1)
    {
        var value = ReadRawCount();
        if ((long)value * minBytesEach > Remaining) throw EndOfInput(value);
        return value;
    }

    /// <summary>Reads a text that may be null.</summary>
    public string? ReadString()
    {
        var count = ReadRawCount();
        return count == 0 ? null : Encoding.UTF8.GetString(ReadRaw(count - 1));
    }

    /// <summary>Reads bytes as they are; the result points into the input.</summary>
    public ReadOnlySpan<byte> ReadRaw(int count)
    {
        if ((uint)count > (uint)Remaining) throw EndOfInput(count);
        var bytes = _bytes.Slice(_position, count);
        _position += count;
        return bytes;
    }

    /// <summary>Reads a count that <see cref="ByteWriter.WriteNullableCount"/> wrote; -1 is null.</summary>
    internal int ReadNullableCount(int minBytesEach = 1)
    {
        var count = ReadRawCount() - 1;
        if ((long)count * minBytesEach > Remaining) throw EndOfInput(count);
        return count;
    }

    /// <summary>Goes one level down in nested values; input that nests without end is refused before it ends the stack.</summary>
    internal void Enter()
    {
        if (++_depth > Limits.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SerializationException($"The input nests values more than {_depth - 1} levels deep.");
        }
    }

    internal void Leave() => _depth--;

    /// <summary>Counts memory that is about to be taken for elements, of which the input may hold far fewer bytes.</summary>
    /// <exception cref="SerializationException">All that was counted exceeds the limit.</exception>
    internal void Charge(long count, int bytesEach)
    {
        _charged += count * bytesEach;
        if (_charged > Limits.MaxSize) throw new SerializationException(
            $"The value would take more than {Limits.MaxSize} bytes of memory here: send it in parts, or raise {SerializationKeys.MaxSize.Key}.");
    }

    /// <summary>A reader of the next bytes alone, which are passed over here; depth and memory are counted on.</summary>
    internal ByteReader Inner(int count)
    {
        var inner = new ByteReader(ReadRaw(count), Context);
        (inner._depth, inner._charged) = (_depth, _charged);
        return inner;
    }

    /// <summary>Counts on from where an inner reader has ended.</summary>
    internal void CountOn(in ByteReader inner) => _charged = inner._charged;

    private readonly SerializationLimits Limits => Context?.Limits ?? SerializationLimits.Default;

    private int ReadRawCount()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var b = ReadByte();
            value |= (uint)(b & 0x7F) << shift;
            if (b < 0x80) return value <= int.MaxValue ? (int)value : throw new SerializationException($"{value} is no valid count.");
        }

        throw new SerializationException("A count of more than five bytes is not valid.");
    }

    private readonly SerializationException EndOfInput(int wanted) =>
        new($"The input ends after {_bytes.Length} bytes; {wanted} more are needed at {_position}.");
}
