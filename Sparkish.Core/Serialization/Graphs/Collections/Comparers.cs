using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>The comparer of a collection: a byte for the common ones, else an object of the graph.</summary>
internal static class Comparers
{
    private const string WhyNoFunctions =
        "It would let another process choose functions that run here: send a comparer class without functions, or create the collection here.";

    private enum Kind : byte
    {
        Default = 0,
        Ordinal = 1,
        OrdinalIgnoreCase = 2,
        Object = 3,
    }

    public static void Write<T>(ObjectWriter writer, IEqualityComparer<T>? comparer) => Write(writer, comparer, EqualityComparer<T>.Default);

    public static void Write<T>(ObjectWriter writer, IComparer<T>? comparer) => Write(writer, comparer, Comparer<T>.Default);

    public static void Write(ObjectWriter writer, object? comparer, object? common)
    {
        var kind = comparer is null || ReferenceEquals(comparer, common) ? Kind.Default
            : ReferenceEquals(comparer, StringComparer.Ordinal) ? Kind.Ordinal
            : ReferenceEquals(comparer, StringComparer.OrdinalIgnoreCase) ? Kind.OrdinalIgnoreCase
            : Kind.Object;
        writer.Output.WriteByte((byte)kind);
        if (kind != Kind.Object) return;
        writer.Push("Comparer");
        writer.Write(comparer);
        writer.Pop();
    }

    /// <summary>
    /// Refuses keys that contain functions if another process wrote them: their own code may call the functions when they are hashed or compared. Keys that are
    /// functions themselves are only compared.
    /// </summary>
    /// <param name="reader">The reader.</param>
    /// <param name="functionsBefore">Its <see cref="ObjectReader.Functions"/> before the keys.</param>
    public static void RefuseFunctions<TKey>(ObjectReader reader, int functionsBefore)
    {
        if (reader.Trust == Trust.Peer && reader.Functions != functionsBefore && !typeof(TKey).IsAssignableTo(typeof(Delegate)))
            throw new SerializationException($"The input holds a {typeof(TKey)} as a key that has a function in it. {WhyNoFunctions}");
    }

    /// <summary>Reads a comparer; null is the default one.</summary>
    public static TComparer? Read<TComparer>(ObjectReader reader, ref ByteReader input) where TComparer : class
    {
        var kind = (Kind)input.ReadByte();
        object? comparer = kind switch
        {
            Kind.Default => null,
            Kind.Ordinal => StringComparer.Ordinal,
            Kind.OrdinalIgnoreCase => StringComparer.OrdinalIgnoreCase,
            Kind.Object => ReadObject(reader, ref input),
            _ => throw new SerializationException($"Unknown kind of comparer {(byte)kind}."),
        };
        return comparer switch
        {
            null => null,
            TComparer fitting => fitting,
            _ => throw new SerializationException($"The input holds a {comparer.GetType()} where a {typeof(TComparer)} is expected."),
        };
    }

    /// <summary>Refuses a comparer created from functions if another process wrote it: it would choose the code that runs here.</summary>
    public static void RequireOwn(ObjectReader reader, Type type)
    {
        if (reader.Trust == Trust.Peer) throw new SerializationException($"The input holds a {type}, a comparer made of functions. {WhyNoFunctions}");
    }

    private static object? ReadObject(ObjectReader reader, ref ByteReader input)
    {
        var (functions, open) = (reader.Functions, reader.OpenReferences);
        var comparer = reader.Read(ref input);
        if (comparer is null || reader.Trust == Trust.Own) return comparer;

        // A framework comparer may contain one of the application.
        if (reader.Functions != functions) RequireOwn(reader, comparer.GetType());
        if (reader.IsDataOnly && !FrameworkAssemblies.Contains(comparer.GetType().Assembly))
            throw new SerializationException($"{comparer.GetType()} needs code of the application to be used as a comparer.");
        return reader.OpenReferences == open ? comparer : throw new SerializationException(
            $"The input holds a {comparer.GetType()}, a comparer that refers to its own container. {WhyNoFunctions}");
    }
}
