#pragma warning disable MA0048 // the codecs of sequences stand together
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization;

/// <summary>Elements behind a count; null is a count of its own.</summary>
internal static class Elements
{
    public static void Write<T>(ByteWriter writer, Codec<T> codec, ReadOnlySpan<T> values)
    {
        writer.WriteNullableCount(values.Length);
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
        var count = reader.ReadNullableCount(MinBytes<T>());
        if (count < 0) return null;
        if (count == 0) return [];
        reader.Enter();
        var values = RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? new T[count] : GC.AllocateUninitializedArray<T>(count);
        codec.ReadAll(ref reader, values);
        reader.Leave();
        return values;
    }

    public static int MinBytes<T>() => Size<T>.Min;

    /// <summary>Found once per type: looking for an attribute takes longer than reading a small array.</summary>
    private static class Size<T>
    {
        // A value with references takes one byte at least; others lie in the input as they do in memory, but for those with a byte for null.
        public static readonly int Min =
            RuntimeHelpers.IsReferenceOrContainsReferences<T>() || Nullable.GetUnderlyingType(typeof(T)) is not null
            || TypeAttributes.Find<CodecTypeAttribute>(typeof(T)) is not null
                ? 1
                : Unsafe.SizeOf<T>();
    }
}

internal sealed class ArrayCodec<T> : Codec<T[]?>
{
    private readonly Codec<T> _element = Codec.For<T>();

    public override void Write(ByteWriter writer, in T[]? value)
    {
        if (value is null) writer.WriteNullableCount(-1);
        else Elements.Write(writer, _element, new ReadOnlySpan<T>(value));
    }

    public override T[]? Read(ref ByteReader reader) => Elements.Read(ref reader, _element);
}

internal sealed class ListCodec<T> : Codec<List<T>?>
{
    private readonly Codec<T> _element = Codec.For<T>();

    public override void Write(ByteWriter writer, in List<T>? value)
    {
        if (value is null) writer.WriteNullableCount(-1);
        else Elements.Write(writer, _element, CollectionsMarshal.AsSpan(value));
    }

    public override List<T>? Read(ref ByteReader reader)
    {
        var count = reader.ReadNullableCount(Elements.MinBytes<T>());
        if (count < 0) return null;
        reader.Enter();
        var list = new List<T>(count);
        CollectionsMarshal.SetCount(list, count);
        _element.ReadAll(ref reader, CollectionsMarshal.AsSpan(list));
        reader.Leave();
        return list;
    }
}

/// <summary>Interfaces of sequences: any implementation is written, an array is read.</summary>
internal sealed class SequenceCodec<TSequence, T> : Codec<TSequence?> where TSequence : class, IEnumerable<T>
{
    private readonly Codec<T> _element = Codec.For<T>();

    public override void Write(ByteWriter writer, in TSequence? value)
    {
        switch (value)
        {
            case null: writer.WriteNullableCount(-1); break;
            case T[] array: Elements.Write(writer, _element, new ReadOnlySpan<T>(array)); break;
            case List<T> list: Elements.Write(writer, _element, CollectionsMarshal.AsSpan(list)); break;
            default: Elements.Write(writer, _element, value.ToArray().AsSpan()); break;
        }
    }

    public override TSequence? Read(ref ByteReader reader) => (TSequence?)(object?)Elements.Read(ref reader, _element);
}
