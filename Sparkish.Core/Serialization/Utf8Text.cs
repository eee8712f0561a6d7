using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace Sparkish.Serialization;

/// <summary>
/// Encodes strings as UTF-8 and decodes them without loss: an unpaired surrogate, which UTF-8 cannot represent, takes three bytes as in WTF-8 (the encoding of
/// its number). Bytes that are neither are an error and never a replacement character.
/// </summary>
internal static class Utf8Text
{
    private const int StackChars = 256;
    private const int SurrogateBytes = 3;
    private const ulong NotAsciiChars = 0xFF80_FF80_FF80_FF80;
    private const ulong NotAsciiBytes = 0x8080_8080_8080_8080;

    /// <summary>Narrows a string if all of it is ASCII. The destination has room for every character.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryWriteAscii(string text, ref byte destination)
    {
        ref var source = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text.AsSpan()));
        var length = text.Length;
        if (length >= 8) return TryNarrowBlocks(ref source, ref destination, (nuint)length);
        return length >= 4 ? TryNarrowWords(ref source, ref destination, length) : TryNarrowEach(ref source, ref destination, length);
    }

    /// <summary>
    /// Encodes a string that is not ASCII; the destination has room for <see cref="Encoding.GetByteCount(string)"/>, to which unpaired surrogates add three
    /// each.
    /// </summary>
    public static int Write(ReadOnlySpan<char> text, Span<byte> destination)
    {
        var written = 0;
        while (true)
        {
            var status = Utf8.FromUtf16(text, destination[written..], out var read, out var bytes, replaceInvalidSequences: false);
            written += bytes;
            if (status == OperationStatus.Done) return written;
            if (status != OperationStatus.InvalidData)
                throw new ArgumentException($"A text of {text.Length} characters does not fit in {destination.Length} bytes.", nameof(destination));
            var lone = text[read];
            destination[written++] = (byte)(0xE0 | (lone >> 12));
            destination[written++] = (byte)(0x80 | ((lone >> 6) & 0x3F));
            destination[written++] = (byte)(0x80 | (lone & 0x3F));
            text = text[(read + 1)..];
        }
    }

    /// <summary>The text of bytes.</summary>
    /// <exception cref="SerializationException">The bytes are neither UTF-8 nor unpaired surrogates as encoded by <see cref="Write"/>.</exception>
    public static string Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is >= 4 and <= 64 && TryReadAscii(bytes) is { } ascii) return ascii;
        if (bytes.Length <= StackChars) return ReadShort(bytes);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : ReadLong(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryNarrowBlocks(ref ushort source, ref byte destination, nuint length)
    {
        var last = length - 8;
        var tail = Vector128.LoadUnsafe(ref source, last);
        var all = tail;
        for (nuint i = 0; i < last; i += 8)
        {
            var block = Vector128.LoadUnsafe(ref source, i);
            all |= block;
            Vector128.Narrow(block, block).GetLower().StoreUnsafe(ref destination, i);
        }

        Vector128.Narrow(tail, tail).GetLower().StoreUnsafe(ref destination, last);
        return (all & Vector128.Create((ushort)0xFF80)) == Vector128<ushort>.Zero;
    }

    // Two overlapping words cover four to seven characters.
    private static bool TryNarrowWords(ref ushort source, ref byte destination, int length)
    {
        var first = Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref source));
        var last = Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref source, length - 4)));
        Unsafe.WriteUnaligned(ref destination, Narrow(first));
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, length - 4), Narrow(last));
        return ((first | last) & NotAsciiChars) == 0;
    }

    private static uint Narrow(ulong chars)
    {
        chars = (chars | (chars >> 8)) & 0x0000_FFFF_0000_FFFF;
        return (uint)(chars | (chars >> 16));
    }

    private static bool TryNarrowEach(ref ushort source, ref byte destination, int length)
    {
        var all = 0;
        for (var i = 0; i < length; i++)
        {
            var character = Unsafe.Add(ref source, i);
            all |= character;
            Unsafe.Add(ref destination, i) = (byte)character;
        }

        return all < 0x80;
    }

    // Returns the string if all of it is ASCII, else null. Overlapping loads leave no rest.
    private static string? TryReadAscii(ReadOnlySpan<byte> bytes)
    {
        ref var source = ref MemoryMarshal.GetReference(bytes);
        var last = bytes.Length - 8;
        if (last < 0) return TryReadWords(ref source, bytes.Length);
        var all = Word(ref source, last);
        for (var i = 0; i < last; i += 8) all |= Word(ref source, i);
        if ((all & NotAsciiBytes) != 0) return null;
        var text = new string('\0', bytes.Length);

        // The string was created here and has no other reference yet.
        ref var destination = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text.AsSpan()));
        for (var i = 0; i < last; i += 8) WidenBlock(ref source, ref destination, i);
        WidenBlock(ref source, ref destination, last);
        return text;
    }

    private static string? TryReadWords(ref byte source, int length)
    {
        var last = length - 4;
        var all = Unsafe.ReadUnaligned<uint>(ref source) | Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, last));
        if ((all & (uint)(NotAsciiBytes >> 32)) != 0) return null;
        var text = new string('\0', length);
        ref var destination = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text.AsSpan()));
        WidenWord(ref source, ref destination, 0);
        WidenWord(ref source, ref destination, last);
        return text;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte source, int at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WidenBlock(ref byte source, ref ushort destination, int at)
    {
        var block = Vector128.CreateScalarUnsafe(Word(ref source, at)).AsByte();
        Vector128.WidenLower(block).StoreUnsafe(ref destination, (nuint)at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WidenWord(ref byte source, ref ushort destination, int at)
    {
        var block = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, at))).AsByte();
        Vector128.WidenLower(block).GetLower().StoreUnsafe(ref destination, (nuint)at);
    }

    [SkipLocalsInit]
    private static string ReadShort(ReadOnlySpan<byte> bytes)
    {
        Span<char> chars = stackalloc char[StackChars];
        return new string(chars[..Read(bytes, chars)]);
    }

    private static string ReadLong(ReadOnlySpan<byte> bytes)
    {
        var chars = ArrayPool<char>.Shared.Rent(bytes.Length);
        try
        {
            return new string(chars, 0, Read(bytes, chars));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    private static int Read(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        var written = 0;
        while (true)
        {
            var status = Utf8.ToUtf16(bytes, chars[written..], out var read, out var more, replaceInvalidSequences: false);
            written += more;
            if (status == OperationStatus.Done) return written;
            var lone = LoneSurrogate(bytes[read..], written == 0 ? '\0' : chars[written - 1]);
            chars[written++] = lone;
            bytes = bytes[(read + SurrogateBytes)..];
        }
    }

    // A string has one encoding only: two halves of a pair would have been written as the four bytes of the pair.
    private static char LoneSurrogate(ReadOnlySpan<byte> bytes, char before)
    {
        if (bytes.Length >= SurrogateBytes && bytes[0] == 0xED && bytes[1] is >= 0xA0 and <= 0xBF && bytes[2] is >= 0x80 and <= 0xBF)
        {
            var lone = (char)(0xD000 | ((bytes[1] & 0x3F) << 6) | (bytes[2] & 0x3F));
            if (!char.IsSurrogatePair(before, lone)) return lone;
        }

        throw new SerializationException($"The input holds a text that is not valid UTF-8: no character starts with byte 0x{bytes[0]:X2} there.");
    }
}
