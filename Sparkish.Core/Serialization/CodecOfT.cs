namespace Sparkish.Serialization;

/// <summary>Writes and reads values of one type. Stateless: one instance serves all threads.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
public abstract class Codec<T>
{
    /// <summary>Writes one value.</summary>
    /// <exception cref="SerializationException">The value holds something that cannot be written.</exception>
    public abstract void Write(ByteWriter writer, in T value);

    /// <summary>Reads one value.</summary>
    /// <exception cref="SerializationException">The bytes are not such a value.</exception>
    public abstract T Read(ref ByteReader reader);

    /// <summary>Writes many values without a count; a block copy where the type has no references.</summary>
    public virtual void WriteAll(ByteWriter writer, ReadOnlySpan<T> values)
    {
        foreach (ref readonly var value in values) Write(writer, value);
    }

    /// <summary>Reads as many values as the destination has room for.</summary>
    public virtual void ReadAll(ref ByteReader reader, Span<T> destination)
    {
        for (var i = 0; i < destination.Length; i++) destination[i] = Read(ref reader);
    }
}
