using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>Consecutive elements: one block if they have no references, otherwise a slot each.</summary>
internal sealed class ElementRun<T>
{
    public static readonly bool IsBlock = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Nullable.GetUnderlyingType(typeof(T)) is null;

    private readonly ObjectPlan? _plan = ObjectPlans.InPlace(typeof(T));
    private readonly int _minBytes;

    // The input limits elements that are encoded as in memory; other elements may be far shorter in the input.
    private readonly int _size;

    public ElementRun()
    {
        _minBytes = IsBlock && _plan is not RefusedPlan ? Codec.For<T>().MinBytes : 1;
        _size = _minBytes < Unsafe.SizeOf<T>() ? Unsafe.SizeOf<T>() : 0;
    }

    public void Write(ObjectWriter writer, ReadOnlySpan<T> elements)
    {
        if (!IsBlock) ElementSlots.Write(writer, _plan, elements);
        else if (_plan is RefusedPlan refused) throw writer.Refuse(refused.Reason, refused.Type);
        else if (!writer.IsTrial && elements.Length > 0) Codec.For<T>().WriteAll(writer.Output, elements);
    }

    /// <summary>Checks that the rest of the input may contain a number of elements, and that the memory for them is allowed.</summary>
    /// <param name="input">The input, at the elements.</param>
    /// <param name="count">Their number.</param>
    /// <param name="overheadEach">The memory overhead per element in the collection.</param>
    public void Expect(ref ByteReader input, int count, int overheadEach = 0)
    {
        if ((long)count * _minBytes > input.Remaining) throw new SerializationException($"The input is too short for {count} elements of {typeof(T)}.");
        if (_size + overheadEach > 0) input.Charge(count, _size + overheadEach);
    }

    public T[] Read(ObjectReader reader, ref ByteReader input, int count)
    {
        if (count == 0) return [];
        var elements = new T[count];
        Read(reader, ref input, elements);
        return elements;
    }

    public void Read(ObjectReader reader, ref ByteReader input, Span<T> elements)
    {
        if (!IsBlock) ElementSlots.Read(reader, _plan, ref input, elements);
        else if (_plan is RefusedPlan refused) throw new SerializationException($"{refused.Reason}.");
        else if (elements.Length > 0) Codec.For<T>().ReadAll(ref input, elements);
    }

    /// <summary>Reads keys that will be hashed or compared: the cost of that is limited.</summary>
    public T[] ReadKeys(ObjectReader reader, ref ByteReader input, int count, object? comparer)
    {
        if (IsBlock) return Read(reader, ref input, count);
        var keys = count == 0 ? [] : new T[count];
        var functions = reader.Functions;
        for (var i = 0; i < count; i++)
        {
            var start = input.Position;
            keys[i] = SlotAccess.Read<T>(reader, _plan, ref input);
            reader.KeyWork.Count(keys[i], reader.LastSize, input.Position - start, reader.LastHeight, comparer);
        }

        Comparers.RefuseFunctions<T>(reader, functions);
        return keys;
    }

    public T ReadOne(ObjectReader reader, ref ByteReader input) => SlotAccess.Read<T>(reader, _plan, ref input);

}
