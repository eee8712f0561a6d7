using Sparkish.Serialization.Graphs.Fields;

namespace Sparkish.Serialization.Graphs;

/// <summary>Accesses fields and elements without boxing if their plan supports it; the methods that <see cref="FieldsEmitter"/> emits call it too.</summary>
internal static class SlotAccess
{
    /// <summary>Writes an element.</summary>
    public static void Write<T>(ObjectWriter writer, ObjectPlan? plan, in T value)
    {
        if (plan is null) writer.Write(value);
        else if (plan is ValuePlan<T> typed) typed.WriteValue(writer, value);
        else plan.Write(writer, value!);
    }

    /// <summary>Reads an element.</summary>
    public static T Read<T>(ObjectReader reader, ObjectPlan? plan, ref ByteReader input)
    {
        if (plan is ValuePlan<T> typed) return reader.ReadSlot(typed, ref input);
        return reader.ReadSlot(plan, ref input) switch
        {
            T value => value,
            null when default(T) is null => default!,
            var other => throw new SerializationException($"The input holds a {other?.GetType()} where a {typeof(T)} is expected."),
        };
    }

    /// <summary>Writes a struct in a field.</summary>
    public static void WriteField<T>(FieldSlot slot, ObjectWriter writer, in T value)
    {
        writer.Push(slot.Field.Name);
        Write(writer, slot.Plan, value);
        writer.Pop();
    }

    /// <summary>Reads a struct into its field.</summary>
    public static void ReadField<T>(FieldSlot slot, ObjectReader reader, ref ByteReader input, ref T field)
    {
        if (slot.Plan is ValuePlan<T> typed) typed.ReadValue(reader, ref input, ref field);
        else field = (T)slot.Plan!.Read(reader, ref input, id: -1);
    }

    /// <summary>Reads a reference, or a struct that may be null, for a field.</summary>
    public static T ReadFitting<T>(FieldSlot slot, ObjectReader reader, ref ByteReader input) => reader.Read(ref input) switch
    {
        T value => value,
        var other => (T)slot.Fit(other)!,
    };
}
