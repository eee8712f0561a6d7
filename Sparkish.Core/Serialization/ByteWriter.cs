using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization;

/// <summary>A growing buffer that codecs write to: little-endian, variable-length counts, UTF-8 strings. Owned by one thread at a time.</summary>
public sealed class ByteWriter : IBufferWriter<byte>
{
    // The longest string whose count is one byte if it is ASCII.
    private const int LongestShort = 126;

    private byte[] _buffer;
    private int _length;
    private int _depth;

    /// <summary>Creates an empty buffer.</summary>
    public ByteWriter(int capacity = 256) => _buffer = new byte[capacity];

    /// <summary>The admitted types and the maximum depth; null for the defaults.</summary>
    public SerializationContext? Context { get; set; }

    /// <summary>The number of bytes written.</summary>
    public int Length => _length;

    /// <summary>The written bytes; valid until the next write.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _length);

    /// <summary>The written bytes; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Discards the written bytes and keeps the memory.</summary>
    public void Clear() => (_length, _depth) = (0, 0);

    /// <summary>Discards the bytes after an earlier <see cref="Length"/>.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length);
        _length = length;
    }

    /// <summary>Returns a copy of the written bytes.</summary>
    public byte[] ToArray() => WrittenSpan.ToArray();

    /// <summary>Writes one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        if (_length == _buffer.Length) Grow(1);
        _buffer[_length++] = value;
    }

    /// <summary>Writes the bytes of a value without references as they are in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUnmanaged<T>(T value) where T : struct
    {
        var size = Unsafe.SizeOf<T>();
        if (_buffer.Length - _length < size) Grow(size);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), _length), value);
        _length += size;
    }

    /// <summary>Writes four bytes at a position that was written before.</summary>
    public void PatchInt32(int position, int value) => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(0, _length).Slice(position, 4), value);

    /// <summary>Overwrites bytes at a position that was written before.</summary>
    public void Patch(int position, scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(_buffer.AsSpan(0, _length)[position..]);

    /// <summary>Writes a count in one to five bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteCount(int value)
    {
        if ((uint)value < 0x80) WriteByte((byte)value);
        else WriteLongCount((uint)value);
    }

    /// <summary>
    /// Writes a string as a count of bytes and its UTF-8; null has a separate count. The encoding is lossless: it preserves unpaired surrogates, too.
    /// </summary>
    public void WriteString(string? value)
    {
        if (value is null)
        {
            WriteByte(0);
            return;
        }

        // The count is one more than the number of bytes, so that zero is null. Short strings are tried as ASCII in place, after a count of one byte.
        var length = value.Length;
        if (length <= LongestShort)
        {
            if (_buffer.Length - _length <= length) Grow(length + 1);
            ref var start = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), _length);
            if (Utf8Text.TryWriteAscii(value, ref Unsafe.Add(ref start, 1)))
            {
                start = (byte)(length + 1);
                _length += length + 1;
                return;
            }
        }

        WriteLongString(value);
    }

    /// <summary>Writes bytes as they are.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length - _length < bytes.Length) Grow(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _length));
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_buffer.Length - _length < Math.Max(sizeHint, 1)) Grow(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Counts bytes as written that the caller fills in right behind, from the reference on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref byte Take(int size)
    {
        var start = _length;
        if (_buffer.Length - start < size) Grow(size);
        _length = start + size;
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), start);
    }

    /// <summary>Begins a part that is preceded by its length; returns the argument of <see cref="EndPart"/>.</summary>
    internal int BeginPart()
    {
        WriteUnmanaged(0);
        return _length;
    }

    internal void EndPart(int start) => PatchInt32(start - sizeof(int), _length - start);

    /// <summary>Writes a count; -1 stands for null.</summary>
    internal void WriteNullableCount(int value) => WriteCount(checked(value + 1));

    /// <summary>Enters a level of nested values: values that a reader would refuse are refused here.</summary>
    internal void Enter()
    {
        if (_depth >= (Context?.Limits ?? SerializationLimits.Default).MaxDepth)
        {
            throw new SerializationException(
                $"The value nests more than {_depth} levels deep: keep long chains in a list or an array, or raise {SerializationKeys.MaxDepth.Key}.");
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SerializationException($"The value nests more than {_depth} levels deep, which is the limit of the stack: keep long chains in a list or an array.");

        _depth++;
    }

    internal void Leave() => _depth--;

    /// <summary>The current nesting depth; code that catches an error resets it.</summary>
    internal int Depth
    {
        get => _depth;
        set => _depth = value;
    }

    private void WriteLongString(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        WriteCount(checked(count + 1));
        if (_buffer.Length - _length < count) Grow(count);
        _length += Utf8Text.Write(value, _buffer.AsSpan(_length, count));
    }

    private void WriteLongCount(uint value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        WriteByte((byte)value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int needed)
    {
        var wanted = (long)_length + needed;
        if (wanted > Array.MaxLength) throw new SerializationException($"A value of more than {Array.MaxLength} bytes cannot be written in one piece.");
        Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(wanted, _buffer.Length * 2L)));
    }
}
