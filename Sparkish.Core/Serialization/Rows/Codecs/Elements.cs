using System.Buffers;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>Elements after a count; null has a separate count.</summary>
internal static class Elements
{
    public static void Write<T>(ByteWriter writer, Codec<T> codec, ReadOnlySpan<T> values)
    {
        writer.WriteNullableCount(values.Length);
        WriteAll(writer, codec, values);
    }

    public static void WriteAll<T>(ByteWriter writer, Codec<T> codec, ReadOnlySpan<T> values)
    {
        if (values.Length == 0) return;
        writer.Enter();
        try
        {
            codec.WriteAll(writer, values);
        }
        finally
        {
            writer.Leave();
        }
    }

    public static T[]? Read<T>(ref ByteReader reader, Codec<T> codec)
    {
        var count = ReadCount(ref reader, codec);
        return count < 0 ? null : ReadAll(ref reader, codec, count);
    }

    /// <summary>Reads a count, or -1 for null, that the input can fill and that the limits allow; the memory for the elements may then be allocated.</summary>
    public static int ReadCount<T>(ref ByteReader reader, Codec<T> codec)
    {
        var minBytes = codec.MinBytes;
        var count = reader.ReadNullableCount(minBytes);
        if (count > 0 && Unsafe.SizeOf<T>() > minBytes) reader.Charge(count, Unsafe.SizeOf<T>());
        return count;
    }

    public static T[] ReadAll<T>(ref ByteReader reader, Codec<T> codec, int count)
    {
        if (count == 0) return [];
        var values = RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? new T[count] : GC.AllocateUninitializedArray<T>(count);
        ReadAll(ref reader, codec, values.AsSpan());
        return values;
    }

    public static void ReadAll<T>(ref ByteReader reader, Codec<T> codec, Span<T> destination)
    {
        if (destination.Length == 0) return;
        reader.Enter();
        codec.ReadAll(ref reader, destination);
        reader.Leave();
    }

    /// <summary>Passes a collection's elements, copied into a rented array, to the codec.</summary>
    public static void WriteCopy<TCollection, T>(ByteWriter writer, Codec<T> codec, TCollection collection, int count, Action<TCollection, T[]> copy)
    {
        if (count == 0) return;
        var copied = ArrayPool<T>.Shared.Rent(count);
        try
        {
            copy(collection, copied);
            WriteAll(writer, codec, copied.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<T>.Shared.Return(copied, clearArray: RuntimeHelpers.IsReferenceOrContainsReferences<T>());
        }
    }
}
