using Sparkish.Diagnostics;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>
/// Writes and reads graphs of objects: closures, lineage, user messages. Sharing and cycles are preserved; a <see cref="TypeBinder"/> admits types.
/// </summary>
public static class ObjectSerializer
{
    private static readonly TypeBinder NoTypes = new(static _ => null);

    /// <summary>Writes a graph; the writer's context sets the admitted types and the maximum depth.</summary>
    /// <exception cref="SerializationException">The graph contains something that cannot be written; the message names its path.</exception>
    public static void Write(ByteWriter writer, object? graph)
    {
        if (graph is not null && writer.Context is { RefusesGraphs: true }) throw new SerializationException("",
            $"a value of {graph.GetType()} has no fixed schema at its position and cannot be stored: use a value of the declared type, or declare the value's own type");
        var depth = writer.Depth;
        var objects = ObjectWriter.Rent(writer);
        try
        {
            objects.WriteRoot(graph);
        }
        finally
        {
            objects.Return();
            writer.Depth = depth;
        }
    }

    /// <summary>
    /// Reads a graph; the reader's context resolves its types. The type of the root comes first, and no object is created or code called unless it is the
    /// expected one. If the context accepts no user types, only null and exceptions are read, and the latter become <see cref="RemoteException"/>s: no name
    /// from the input is looked up.
    /// </summary>
    /// <typeparam name="T">The expected type of the root.</typeparam>
    /// <exception cref="SerializationException">The bytes are not such a graph, or name a type that is not admitted.</exception>
    public static T Read<T>(ref ByteReader reader) => ReadRoot(ref reader, typeof(T)) switch
    {
        T value => value,
        null when default(T) is null => default!,
        var other => throw ExpectedRoot.Mismatch(other?.GetType(), typeof(T)),
    };

    /// <summary>Reads a graph whose root must be of a type that is known at run time only.</summary>
    internal static object? ReadRoot(ref ByteReader reader, Type expected)
    {
        var binder = reader.Context?.Types ?? (IsFreeOfTypes(reader) ? NoTypes : throw new SerializationException(
            "This node accepts no user types: it was sent a value of a type that has no fixed schema."));
        try
        {
            return new ObjectReader(binder, reader.Context).ReadRoot(ref reader, expected);
        }
        catch (Exception e) when (e is not SerializationException)
        {
            // Constructors, comparers and hash codes of the application run while a graph is read and may throw anything.
            throw new SerializationException($"The input is not a valid object graph: {ExceptionText.MessageOf(e)}", e);
        }
    }

    /// <summary>Writes a graph to bytes.</summary>
    /// <param name="graph">The root.</param>
    /// <param name="context">The admitted types and the maximum depth; null for the defaults.</param>
    /// <exception cref="SerializationException">The graph contains something that cannot be written; the message names its path.</exception>
    public static byte[] Serialize(object? graph, SerializationContext? context = null)
    {
        var writer = new ByteWriter { Context = context };
        Write(writer, graph);
        return writer.ToArray();
    }

    /// <summary>Reads a graph that takes all of the bytes.</summary>
    /// <exception cref="SerializationException">The bytes are not such a graph, or not of this type.</exception>
    public static T Deserialize<T>(ReadOnlySpan<byte> bytes, SerializationContext context)
    {
        var reader = new ByteReader(bytes, context);
        var graph = Read<T>(ref reader);
        return reader.Remaining == 0 ? graph : throw new SerializationException($"{reader.Remaining} bytes remain after the graph.");
    }

    /// <summary>Reads the fields of an exception; if a peer wrote them, objects that need code of the application are refused.</summary>
    internal static object? ReadFields(ref ByteReader reader, ObjectReader outer) =>
        new ObjectReader(outer.Binder, reader.Context, outer.IsDataOnly || outer.Trust == Trust.Peer).ReadRoot(ref reader, typeof(object[]));

    private static bool IsFreeOfTypes(ByteReader reader) => (NodeTag)reader.ReadByte() is NodeTag.Null or NodeTag.Exception;
}
