namespace Sparkish.Serialization.Graphs;

/// <summary>Elements of arrays and collections, one slot each.</summary>
internal static class ElementSlots
{
    public static void Write<T>(ObjectWriter writer, ObjectPlan? plan, ReadOnlySpan<T> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            writer.Push(i);
            SlotAccess.Write(writer, plan, values[i]);
            writer.Pop();
        }
    }

    public static void Read<T>(ObjectReader reader, ObjectPlan? plan, ref ByteReader input, Span<T> destination)
    {
        for (var i = 0; i < destination.Length; i++) destination[i] = SlotAccess.Read<T>(reader, plan, ref input);
    }
}
