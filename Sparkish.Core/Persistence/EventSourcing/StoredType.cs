using System.Collections.Concurrent;
using Sparkish.Serialization;
using Sparkish.Serialization.Closures.Analysis;
using Sparkish.Serialization.Schemas;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>Writes the values of a stored type, and reads those of earlier versions. Thread-safe.</summary>
/// <param name="number">The number of the type; 0 for a state.</param>
internal sealed class StoredType<T>(int number)
{
    private readonly ConcurrentDictionary<ulong, SchemaTranscoder> _earlier = new();
    private readonly Codec<T> _codec = Codec.For<T>();
    private StoredDefinition? _definition;

    /// <summary>The type as it is now.</summary>
    /// <exception cref="SerializationException">The type has parts without a fixed schema.</exception>
    public StoredDefinition Definition => _definition ??= Define();

    public void Write(ByteWriter writer, T value) => _codec.Write(writer, value);

    /// <summary>Reads a value up to the end of the input.</summary>
    /// <exception cref="SerializationException">The bytes are not such a value, or the type has changed incompatibly.</exception>
    public T Read(ref ByteReader reader, StoredDefinition stored)
    {
        if (stored.Fingerprint != Definition.Fingerprint) return ReadEarlier(ref reader, stored);
        var value = _codec.Read(ref reader);
        if (reader.Remaining > 0) throw new SerializationException($"{reader.Remaining} bytes remain after a {Definition.Name}.");
        return value;
    }

    private T ReadEarlier(ref ByteReader reader, StoredDefinition stored)
    {
        var transcoder = _earlier.GetOrAdd(stored.Fingerprint, static (_, stored) => SchemaTranscoder.Make<T>(stored.Schema, stored.Name), stored);
        var written = new ByteWriter();
        transcoder.Transcode(reader.ReadRaw(reader.Remaining), written, reader.Context);
        var now = new ByteReader(written.WrittenSpan, reader.Context);
        return Read(ref now, Definition);
    }

    private StoredDefinition Define()
    {
        var schema = _codec.Schema;
        StoredSchemas.Check(typeof(T), schema);
        return new StoredDefinition(number, TypeNames.Of(typeof(T)), schema);
    }
}
