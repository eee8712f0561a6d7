#pragma warning disable MA0048 // the plans of structs over arrays belong together
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>A struct over an array. The array is an object of the graph: it is sent whole, once, and stays shared.</summary>
internal abstract class ArrayViewPlan<TView>(Type type) : ObjectPlan(type) where TView : struct
{
    // Only a box is an object that can be referred to, and it is created last.
    public sealed override bool IsLate => true;

    public sealed override void Write(ObjectWriter writer, object value) => Write(writer, (TView)value);

    public sealed override object Read(ObjectReader reader, ref ByteReader input, int id) => Read(reader, ref input);

    protected abstract void Write(ObjectWriter writer, TView view);

    protected abstract TView Read(ObjectReader reader, ref ByteReader input);

    protected static void WriteSegment<T>(ObjectWriter writer, ArraySegment<T> segment)
    {
        writer.Write(segment.Array);
        if (segment.Array is null) return;
        writer.Output.WriteCount(segment.Offset);
        writer.Output.WriteCount(segment.Count);
    }

    protected static ArraySegment<T> ReadSegment<T>(ObjectReader reader, ref ByteReader input)
    {
        var array = reader.Read(ref input);
        if (array is null) return default;
        if (array is not T[] elements) throw new SerializationException($"The input holds a {array.GetType()} where a {typeof(T[])} is expected.");
        var (offset, count) = (input.ReadCount(minBytesEach: 0), input.ReadCount(minBytesEach: 0));
        return (long)offset + count <= elements.Length
            ? new ArraySegment<T>(elements, offset, count)
            : throw new SerializationException($"The input holds {count} elements from {offset} of an array of {elements.Length}.");
    }
}

internal sealed class ArraySegmentPlan<T>(Type type) : ArrayViewPlan<ArraySegment<T>>(type)
{
    protected override void Write(ObjectWriter writer, ArraySegment<T> view) => WriteSegment(writer, view);

    protected override ArraySegment<T> Read(ObjectReader reader, ref ByteReader input) => ReadSegment<T>(reader, ref input);
}

internal sealed class ImmutableArrayPlan<T>(Type type) : ArrayViewPlan<ImmutableArray<T>>(type)
{
    protected override void Write(ObjectWriter writer, ImmutableArray<T> view) => writer.Write(ImmutableCollectionsMarshal.AsArray(view));

    protected override ImmutableArray<T> Read(ObjectReader reader, ref ByteReader input) => reader.Read(ref input) switch
    {
        null => default,
        T[] array => ImmutableCollectionsMarshal.AsImmutableArray(array),
        var other => throw new SerializationException($"The input holds a {other.GetType()} where a {typeof(T[])} is expected."),
    };
}

/// <summary>Memory over an array; that of another owner is copied.</summary>
internal sealed class MemoryPlan<T>(Type type) : ArrayViewPlan<Memory<T>>(type)
{
    protected override void Write(ObjectWriter writer, Memory<T> view)
    {
        if (view.Equals(default)) WriteSegment<T>(writer, default);
        else WriteSegment(writer, MemoryMarshal.TryGetArray<T>(view, out var segment) ? segment : new ArraySegment<T>(view.ToArray()));
    }

    protected override Memory<T> Read(ObjectReader reader, ref ByteReader input) => ReadSegment<T>(reader, ref input);
}

/// <summary>Memory over an array or a string; that of another owner is copied.</summary>
internal sealed class ReadOnlyMemoryPlan<T>(Type type) : ArrayViewPlan<ReadOnlyMemory<T>>(type)
{
    private const byte OverArray = 0;
    private const byte OverString = 1;

    protected override void Write(ObjectWriter writer, ReadOnlyMemory<T> view)
    {
        if (view is ReadOnlyMemory<char> text && MemoryMarshal.TryGetString(text, out var whole, out var start, out var length))
        {
            writer.Output.WriteByte(OverString);
            writer.Write(whole);
            writer.Output.WriteCount(start);
            writer.Output.WriteCount(length);
            return;
        }

        writer.Output.WriteByte(OverArray);
        if (view.Equals(default)) WriteSegment<T>(writer, default);
        else WriteSegment(writer, MemoryMarshal.TryGetArray(view, out var segment) ? segment : new ArraySegment<T>(view.ToArray()));
    }

    protected override ReadOnlyMemory<T> Read(ObjectReader reader, ref ByteReader input) => input.ReadByte() switch
    {
        OverArray => ReadSegment<T>(reader, ref input),
        OverString when typeof(T) == typeof(char) => (ReadOnlyMemory<T>)(object)ReadText(reader, ref input),
        var other => throw new SerializationException($"Unknown kind {other} of {Type}."),
    };

    private static ReadOnlyMemory<char> ReadText(ObjectReader reader, ref ByteReader input)
    {
        if (reader.Read(ref input) is not string text) throw new SerializationException("The input holds no text where one is expected.");
        var (start, length) = (input.ReadCount(minBytesEach: 0), input.ReadCount(minBytesEach: 0));
        return (long)start + length <= text.Length
            ? text.AsMemory(start, length)
            : throw new SerializationException($"The input holds {length} characters from {start} of a text of {text.Length}.");
    }
}
