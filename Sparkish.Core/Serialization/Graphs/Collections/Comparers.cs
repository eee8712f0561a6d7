namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>The comparer of a collection: a byte for the common ones, else an object of the graph.</summary>
internal static class Comparers
{
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

    /// <summary>Reads a comparer; null is the default one.</summary>
    public static TComparer? Read<TComparer>(ObjectReader reader, ref ByteReader input) where TComparer : class
    {
        var kind = (Kind)input.ReadByte();
        object? comparer = kind switch
        {
            Kind.Default => null,
            Kind.Ordinal => StringComparer.Ordinal,
            Kind.OrdinalIgnoreCase => StringComparer.OrdinalIgnoreCase,
            Kind.Object => reader.Read(ref input),
            _ => throw new SerializationException($"{(byte)kind} marks no comparer."),
        };
        return comparer switch
        {
            null => null,
            TComparer fitting => fitting,
            _ => throw new SerializationException($"The input holds a {comparer.GetType()} where a {typeof(TComparer)} is expected."),
        };
    }
}
