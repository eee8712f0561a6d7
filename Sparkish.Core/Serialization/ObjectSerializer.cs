namespace Sparkish.Serialization;

/// <summary>Writes and reads graphs of objects: closures, lineage, user messages. Sharing and cycles are kept; types are admitted by a <see cref="TypeBinder"/>.</summary>
public static class ObjectSerializer
{
    /// <summary>Writes a graph.</summary>
    /// <exception cref="SerializationException">The graph holds something that cannot be written; the message names its path.</exception>
    public static void Write(ByteWriter writer, object? graph) => throw new SerializationException("no serializer");

    /// <summary>Reads a graph; its types are resolved by the reader's context.</summary>
    /// <exception cref="SerializationException">The bytes are not such a graph, or name a type that is not admitted.</exception>
    public static object? Read(ref ByteReader reader) => throw new SerializationException("no serializer");

    /// <summary>Writes a graph to bytes.</summary>
    public static byte[] Serialize(object? graph)
    {
        var writer = new ByteWriter();
        Write(writer, graph);
        return writer.ToArray();
    }

    /// <summary>Reads a graph from bytes.</summary>
    public static T Deserialize<T>(ReadOnlySpan<byte> bytes, SerializationContext context)
    {
        var reader = new ByteReader(bytes, context);
        return (T)Read(ref reader)!;
    }
}
