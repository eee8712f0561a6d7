using Sparkish.Serialization.Types;

namespace Sparkish.Serialization;

/// <summary>
/// Writes and reads values of one type, as a tree: an object with two references is written twice, and a cycle is an error. Stateless: one instance serves all
/// threads.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
public abstract class Codec<T> : IDescribedCodec
{
    /// <summary>
    /// The encoding as text, for people and for <see cref="Codec.FingerprintOf{T}"/>: two codecs with the same schema read each other's bytes. It is the
    /// codec's name and assembly unless overridden, so override it when the format changes.
    /// </summary>
    public virtual string Schema => $"{GetType().FullName}, {AssemblyNames.Of(GetType().Assembly)}";

    /// <summary>Writes one value.</summary>
    /// <exception cref="SerializationException">The value contains something that cannot be written.</exception>
    public abstract void Write(ByteWriter writer, in T value);

    /// <summary>Reads one value.</summary>
    /// <exception cref="SerializationException">The bytes are not a valid value.</exception>
    public abstract T Read(ref ByteReader reader);

    /// <summary>Writes many values without a count; a block copy where the type has no references.</summary>
    public virtual void WriteAll(ByteWriter writer, ReadOnlySpan<T> values)
    {
        foreach (ref readonly var value in values) Write(writer, value);
    }

    /// <summary>Reads as many values as the destination holds.</summary>
    public virtual void ReadAll(ref ByteReader reader, Span<T> destination)
    {
        for (var i = 0; i < destination.Length; i++) destination[i] = Read(ref reader);
    }

    /// <summary>Minimum size of a value, which exposes a false count of elements before memory is allocated for them.</summary>
    internal virtual int MinBytes => 0;

    /// <summary>The inline encoding of a member of this type, for emitted code that does not call the codec; null if there is none.</summary>
    internal virtual CodecForm? Form => null;

    internal virtual bool IsGraph => false;

    CodecForm? IDescribedCodec.Form => Form;

    bool IDescribedCodec.IsGraph => IsGraph;

    int IDescribedCodec.MinBytes => MinBytes;

    void IDescribedCodec.Describe(SchemaText text) => Describe(text);

    /// <summary>Appends the schema; a type that is being described already is named instead.</summary>
    internal virtual void Describe(SchemaText text) => text.Append(Schema);
}
