namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>Comparers that have a byte on the wire: the default one, and two of strings. Others are refused, not lost.</summary>
internal static class KnownComparers
{
    private const byte Default = 0;
    private const byte Ordinal = 1;
    private const byte OrdinalIgnoreCase = 2;

    public static byte ByteOf<T>(IEqualityComparer<T> comparer)
    {
        if (comparer.Equals(EqualityComparer<T>.Default)) return Default;
        return ByteOfText(comparer);
    }

    public static byte ByteOf<T>(IComparer<T> comparer)
    {
        if (comparer.Equals(Comparer<T>.Default)) return Default;
        return ByteOfText(comparer);
    }

    public static IEqualityComparer<T>? Equality<T>(byte comparer) => comparer == Default ? null : (IEqualityComparer<T>)(object)TextOf<T>(comparer);

    public static IComparer<T>? Order<T>(byte comparer) => comparer == Default ? null : (IComparer<T>)(object)TextOf<T>(comparer);

    public static SerializationException Refuse(object comparer) =>
        new(
            "",
                $"a collection with the comparer {comparer.GetType()} has no fixed schema: use the default comparer, or StringComparer.Ordinal or OrdinalIgnoreCase");

    private static byte ByteOfText(object comparer)
    {
        if (comparer.Equals(StringComparer.Ordinal)) return Ordinal;
        return comparer.Equals(StringComparer.OrdinalIgnoreCase) ? OrdinalIgnoreCase : throw Refuse(comparer);
    }

    private static StringComparer TextOf<T>(byte comparer) => comparer switch
    {
        Ordinal when typeof(T) == typeof(string) => StringComparer.Ordinal,
        OrdinalIgnoreCase when typeof(T) == typeof(string) => StringComparer.OrdinalIgnoreCase,
        _ => throw new SerializationException($"{comparer} is not a comparer of {typeof(T)}."),
    };
}
