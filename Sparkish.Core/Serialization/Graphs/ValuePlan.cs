namespace Sparkish.Serialization.Graphs;

/// <summary>A plan of a struct that writes and reads it in place, without a box.</summary>
internal abstract class ValuePlan<T>() : ObjectPlan(typeof(T))
{
    public abstract void WriteValue(ObjectWriter writer, in T value);

    public abstract void ReadValue(ObjectReader reader, ref ByteReader input, ref T value);
}
