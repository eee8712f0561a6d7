using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization;

/// <summary>Reads the output of a <see cref="ByteWriter"/>. Input is validated: every error is a <see cref="SerializationException"/>.</summary>
public ref struct ByteReader
{
    private readonly ref readonly byte _start;
    private int _end;
    private int _position;
    private int _depth;
    private long _charged;

    /// <summary>Creates a reader over bytes.</summary>
    /// <param name="bytes">The input.</param>
    /// <param name="context">The context of the values, such as the env that refs belong to.</param>
    public ByteReader(ReadOnlySpan<byte> bytes, SerializationContext? context = null)
    {
        _start = ref MemoryMarshal.GetReference(bytes);
        _end = bytes.Length;
        Context = context;
    }

    /// <summary>The context of the values, such as the env that refs belong to.</summary>
    public SerializationContext? Context { readonly get; internal set; }

    /// <summary>Number of bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>The bytes left.</summary>
    public readonly int Remaining => _end - _position;

    /// <summary>Reads one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if (_position >= _end) ThrowEndOfInput(1);
        return Unsafe.Add(ref Unsafe.AsRef(in _start), _position++);
    }

    /// <summary>Reads a value without references as it was in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadUnmanaged<T>() where T : struct
    {
        return Unsafe.ReadUnaligned<T>(in Take(Unsafe.SizeOf<T>()));
    }

    /// <summary>Reads a count of elements of a minimum size, so that a false count cannot allocate more memory than the input could fill.</summary>
    public int ReadCount(int minBytesEach = 1)
    {
        var value = ReadRawCount();
        if ((long)value * minBytesEach > Remaining) ThrowEndOfInput(value);
        return value;
    }

    /// <summary>Reads a string or null.</summary>
    /// <exception cref="SerializationException">The bytes are not UTF-8; nothing is replaced.</exception>
    public string? ReadString()
    {
        var count = ReadRawCount();
        if (count > 1) return Utf8Text.Read(ReadRaw(count - 1));
        return count == 0 ? null : "";
    }

    /// <summary>Reads bytes as they are; the result points into the input.</summary>
    public ReadOnlySpan<byte> ReadRaw(int count)
    {
        if (count < 0) ThrowEndOfInput(count);
        return MemoryMarshal.CreateReadOnlySpan(in Take(count), count);
    }

    /// <summary>Skips bytes and returns them; all of them exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref readonly byte Take(int size)
    {
        var start = _position;
        if (_end - start < size) ThrowEndOfInput(size);
        _position = start + size;
        return ref Unsafe.Add(ref Unsafe.AsRef(in _start), start);
    }

    /// <summary>
    /// Begins a part that <see cref="ByteWriter.BeginPart"/> began: the input ends with it until <see cref="EndPart"/> gets the returned value.
    /// </summary>
    internal int BeginPart()
    {
        var length = ReadUnmanaged<int>();
        if ((uint)length > (uint)Remaining) ThrowEndOfInput(length);
        var end = _end;
        _end = _position + length;
        return end;
    }

    /// <summary>Skips the rest of the part: members that this version does not know.</summary>
    internal void EndPart(int end) => (_position, _end) = (_end, end);

    /// <summary>Reads a count that <see cref="ByteWriter.WriteNullableCount"/> wrote; -1 is null.</summary>
    internal int ReadNullableCount(int minBytesEach = 1)
    {
        var count = ReadRawCount() - 1;
        if ((long)count * minBytesEach > Remaining) ThrowEndOfInput(count);
        return count;
    }

    /// <summary>Enters a level of nested values; input that nests too deeply is refused before it overflows the stack.</summary>
    internal void Enter()
    {
        if (++_depth > Limits.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SerializationException($"The input nests values more than {_depth - 1} levels deep.");
        }
    }

    internal void Leave() => _depth--;

    /// <summary>Counts memory that is about to be allocated for elements, of which the input may have far fewer bytes.</summary>
    /// <exception cref="SerializationException">The counted memory exceeds the limit.</exception>
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

    /// <summary>Continues the count of an inner reader.</summary>
    internal void CountOn(in ByteReader inner) => _charged = inner._charged;

    private readonly SerializationLimits Limits => Context?.Limits ?? SerializationLimits.Default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadRawCount()
    {
        if (_position < _end && Unsafe.Add(ref Unsafe.AsRef(in _start), _position) is < 0x80 and var count)
        {
            _position++;
            return count;
        }

        return ReadLongCount();
    }

    private int ReadLongCount()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var b = ReadByte();
            value |= (uint)(b & 0x7F) << shift;
            if (b < 0x80) return value <= int.MaxValue ? (int)value : throw new SerializationException($"{value} is not a valid count.");
        }

        throw new SerializationException("A count of more than five bytes is not valid.");
    }

    [DoesNotReturn]
    private readonly void ThrowEndOfInput(int wanted) =>
        throw new SerializationException($"The input ends after {_end} bytes; {wanted} more are needed at {_position}.");
}
