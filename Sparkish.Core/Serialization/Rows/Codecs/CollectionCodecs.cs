#pragma warning disable MA0048 // the codecs of sequences belong together
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>Elements in order. Arrays, lists and similar collections have the same encoding, so that a member may change from one to another.</summary>
internal abstract class SequenceCodecBase<TSequence, T> : BuiltInCodec<TSequence>
{
    protected Codec<T> Element { get; } = Codec.For<T>();

    internal override int MinBytes => 1;

    internal override void Describe(SchemaText text) => text.Append("[").Append(Element).Append("]");
}

internal sealed class ArrayCodec<T> : SequenceCodecBase<T[]?, T>
{
    public override void Write(ByteWriter writer, in T[]? value)
    {
        if (value is null) writer.WriteNullableCount(-1);
        else Elements.Write(writer, Element, new ReadOnlySpan<T>(value));
    }

    public override T[]? Read(ref ByteReader reader) => Elements.Read(ref reader, Element);
}

internal sealed class ListCodec<T> : SequenceCodecBase<List<T>?, T>
{
    public override void Write(ByteWriter writer, in List<T>? value)
    {
        if (value is null) writer.WriteNullableCount(-1);
        else Elements.Write(writer, Element, CollectionsMarshal.AsSpan(ExactType.Of(value)));
    }

    public override List<T>? Read(ref ByteReader reader)
    {
        var count = Elements.ReadCount(ref reader, Element);
        if (count < 0) return null;
        var list = new List<T>(count);
        CollectionsMarshal.SetCount(list, count);
        Elements.ReadAll(ref reader, Element, CollectionsMarshal.AsSpan(list));
        return list;
    }
}

/// <summary>Interfaces of sequences: any implementation is written; a list is read if the interface allows adding, else an array.</summary>
internal sealed class SequenceCodec<TSequence, T> : SequenceCodecBase<TSequence?, T> where TSequence : class, IEnumerable<T>
{
    private static readonly bool CanGrow = typeof(TSequence).IsAssignableTo(typeof(ICollection<T>));

    public override void Write(ByteWriter writer, in TSequence? value)
    {
        switch (value)
        {
            case null: writer.WriteNullableCount(-1); break;
            case T[] array: Elements.Write(writer, Element, new ReadOnlySpan<T>(array)); break;
            case List<T> list: Elements.Write(writer, Element, CollectionsMarshal.AsSpan(list)); break;
            default:
                HiddenComparers.RequireDefault(value);
                Elements.Write(writer, Element, value.ToArray().AsSpan());
                break;
        }
    }

    public override TSequence? Read(ref ByteReader reader)
    {
        var elements = Elements.Read(ref reader, Element);
        return (TSequence?)(object?)(CanGrow && elements is not null ? new List<T>(elements) : elements);
    }
}

internal sealed class ImmutableArrayCodec<T> : SequenceCodecBase<ImmutableArray<T>, T>
{
    public override void Write(ByteWriter writer, in ImmutableArray<T> value)
    {
        if (value.IsDefault) writer.WriteNullableCount(-1);
        else Elements.Write(writer, Element, value.AsSpan());
    }

    public override ImmutableArray<T> Read(ref ByteReader reader) => ImmutableCollectionsMarshal.AsImmutableArray(Elements.Read(ref reader, Element));
}

internal sealed class ArraySegmentCodec<T> : SequenceCodecBase<ArraySegment<T>, T>
{
    public override void Write(ByteWriter writer, in ArraySegment<T> value)
    {
        if (value.Array is null) writer.WriteNullableCount(-1);
        else Elements.Write(writer, Element, new ReadOnlySpan<T>(value.Array, value.Offset, value.Count));
    }

    public override ArraySegment<T> Read(ref ByteReader reader) => Elements.Read(ref reader, Element) is { } array ? new ArraySegment<T>(array) : default;
}

internal sealed class MemoryCodec<T> : SequenceCodecBase<Memory<T>, T>
{
    public override void Write(ByteWriter writer, in Memory<T> value) => Elements.Write(writer, Element, (ReadOnlySpan<T>)value.Span);

    public override Memory<T> Read(ref ByteReader reader) => Elements.Read(ref reader, Element);
}

internal sealed class ReadOnlyMemoryCodec<T> : SequenceCodecBase<ReadOnlyMemory<T>, T>
{
    public override void Write(ByteWriter writer, in ReadOnlyMemory<T> value) => Elements.Write(writer, Element, value.Span);

    public override ReadOnlyMemory<T> Read(ref ByteReader reader) => Elements.Read(ref reader, Element);
}

/// <summary>Arrays of several dimensions: their lengths, then the elements row by row.</summary>
internal sealed class RankCodec<TArray, T> : BuiltInCodec<TArray?> where TArray : class
{
    private static readonly int Rank = typeof(TArray).GetArrayRank();

    private readonly Codec<T> _element = Codec.For<T>();

    internal override int MinBytes => 1;

    public override void Write(ByteWriter writer, in TArray? value)
    {
        writer.WriteByte(value is null ? (byte)0 : (byte)1);
        if (value is null) return;
        var array = (Array)(object)value;
        for (var i = 0; i < Rank; i++)
        {
            if (array.GetLowerBound(i) != 0) throw new SerializationException("", $"{typeof(TArray)} does not start at 0 and cannot be sent");
            writer.WriteCount(array.GetLength(i));
        }

        Elements.WriteAll(writer, _element, (ReadOnlySpan<T>)Span(array));
    }

    public override TArray? Read(ref ByteReader reader)
    {
        if (!Presence.Read(ref reader)) return null;
        var lengths = new int[Rank];
        long count = 1;
        for (var i = 0; i < Rank; i++)
        {
            lengths[i] = reader.ReadCount(minBytesEach: 0);
            count *= lengths[i];
            if (count > Array.MaxLength)
                throw new SerializationException($"A {typeof(TArray)} of {string.Join(" x ", lengths[..(i + 1)])} elements is too large.");
        }

        if (count * _element.MinBytes > reader.Remaining) throw new SerializationException($"The input is too short for {count} elements of {typeof(T)}.");
        if (Unsafe.SizeOf<T>() > _element.MinBytes) reader.Charge(count, Unsafe.SizeOf<T>());
        var array = Array.CreateInstance(typeof(T), lengths);
        Elements.ReadAll(ref reader, _element, Span(array));
        return (TArray)(object)array;
    }

    internal override void Describe(SchemaText text) => text.Append("[").Append(_element).Append(new string(',', Rank - 1)).Append("]");

    private static Span<T> Span(Array array) =>
        array.Length == 0 ? [] : MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
}

/// <summary>Refuses types derived from a collection: they may hold more than the elements.</summary>
internal static class ExactType
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T value) where T : class
    {
        if (value.GetType() != typeof(T)) Refuse(value);
        return value;
    }

    private static void Refuse<T>(T value) where T : class => throw new SerializationException("",
        $"{value.GetType()} has no fixed schema where {typeof(T)} is declared: declare it with its own type or an interface");
}
