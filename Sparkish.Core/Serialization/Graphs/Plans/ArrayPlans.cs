#pragma warning disable MA0048 // the plans of arrays belong together
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Graphs.Plans;

/// <summary>Arrays of any rank: the lengths, then the elements row by row.</summary>
internal abstract class ArrayPlanBase<T>(Type type) : ObjectPlan(type)
{
    protected abstract int MinBytesEach { get; }

    protected static Span<T> Elements(Array array) =>
        array.Length == 0 ? [] : MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);

    protected void WriteLengths(ByteWriter output, Array array)
    {
        if (!Type.IsSZArray && HasLowerBounds(array)) throw new SerializationException("", $"{Type} does not start at 0 and cannot be sent");
        for (var i = 0; i < array.Rank; i++) output.WriteCount(array.GetLength(i));
    }

    protected Array Make(ref ByteReader input)
    {
        var lengths = new int[Type.GetArrayRank()];
        UInt128 elements = 1;
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = input.ReadCount(minBytesEach: 0);
            elements = UInt128.Min(elements * (uint)lengths[i], long.MaxValue);
        }

        if (elements * (uint)MinBytesEach > (uint)input.Remaining)
        {
            throw new SerializationException($"The input is too short for {elements} elements of {typeof(T)}.");
        }

        // A block is encoded as in memory; other elements may be far shorter in the input.
        if (MinBytesEach < Unsafe.SizeOf<T>()) input.Charge((long)elements, Unsafe.SizeOf<T>());
        return Type.IsSZArray ? new T[lengths[0]] : Array.CreateInstanceFromArrayType(Type, lengths);
    }

    private static bool HasLowerBounds(Array array)
    {
        for (var i = 0; i < array.Rank; i++)
        {
            if (array.GetLowerBound(i) != 0) return true;
        }

        return false;
    }
}

/// <summary>Arrays whose elements have no references, as one block.</summary>
internal sealed class BlockArrayPlan<T>(Type type) : ArrayPlanBase<T>(type) where T : struct
{
    private readonly Codec<T> _codec = Codec.For<T>();

    protected override int MinBytesEach => _codec.MinBytes;

    public override void Write(ObjectWriter writer, object value)
    {
        WriteLengths(writer.Output, (Array)value);
        if (!writer.IsTrial) _codec.WriteAll(writer.Output, Elements((Array)value));
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var array = Make(ref input);
        reader.Register(id, array);
        _codec.ReadAll(ref input, Elements(array));
        return array;
    }
}

/// <summary>Arrays of objects, or of structs with references.</summary>
internal sealed class ArrayPlan<T>(Type type) : ArrayPlanBase<T>(type)
{
    private readonly ObjectPlan? _element = ObjectPlans.InPlace(typeof(T));

    protected override int MinBytesEach => 1;

    public override void Write(ObjectWriter writer, object value)
    {
        WriteLengths(writer.Output, (Array)value);
        ElementSlots.Write<T>(writer, _element, Elements((Array)value));
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var array = Make(ref input);
        reader.Register(id, array);
        ElementSlots.Read(reader, _element, ref input, Elements(array));
        return array;
    }
}
