namespace Sparkish.Serialization.Graphs;

/// <summary>When keys that were read can be hashed or compared.</summary>
internal static class Keys
{
    /// <summary>Whether everything read since then is complete, and no table in it remains to be filled.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="openBefore">Its <see cref="ObjectReader.OpenReferences"/> before the comparer and the keys.</param>
    public static bool AreReady(ObjectReader reader, int openBefore) => AreComplete(reader, openBefore) && !reader.HasDeferred;

    /// <summary>Whether keys can be hashed: at once if their hash codes do not depend on unread parts.</summary>
    public static bool AreReady<T>(ObjectReader reader, int openBefore, ReadOnlySpan<T> keys, object? comparer) =>
        AreReady(reader, openBefore) || AreHashedByReference(keys, comparer);

    /// <summary>Whether everything read since then is complete. Callers that cannot wait must accept this weaker condition.</summary>
    public static bool AreComplete(ObjectReader reader, int openBefore) => reader.OpenReferences == openBefore;

    /// <summary>Whether keys can be hashed by a caller that cannot wait.</summary>
    public static bool AreComplete<T>(ObjectReader reader, int openBefore, ReadOnlySpan<T> keys, object? comparer) =>
        AreComplete(reader, openBefore) || AreHashedByReference(keys, comparer);

    /// <summary>Whether a comparer may access parts of keys that the default one would not.</summary>
    public static bool LooksAtParts(object? comparer) => comparer is not null and not StringComparer and not ReferenceEqualityComparer;

    /// <summary>Refuses keys that are needed now, since their collection cannot exist without them, but refer to incomplete objects.</summary>
    public static void Require(bool areReady, Type collection)
    {
        if (!areReady) throw new SerializationException(
            $"A {collection} is part of a cycle through its keys and can be created only after all its parts: use a mutable collection.");
    }

    public static SerializationException Duplicate(object? key, Type collection) =>
        new($"The input holds a {collection} with the key {TextOf(key)} twice, or with two keys that are equal here.");

    // The text of another key is computed by code of the application.
    private static string TextOf(object? key) => key switch
    {
        string text => $"'{text}'",
        IFormattable number when key.GetType().IsPrimitive => $"'{number.ToString(null, System.Globalization.CultureInfo.InvariantCulture)}'",
        null => "null",
        _ => $"of type {key.GetType()}",
    };

    private static bool AreHashedByReference<T>(ReadOnlySpan<T> keys, object? comparer)
    {
        if (LooksAtParts(comparer)) return false;
        if (typeof(T).IsSealed && !StructuralKeys.IsHashedByParts(typeof(T))) return true;
        foreach (var key in keys)
        {
            if (key is not null && StructuralKeys.IsHashedByParts(key.GetType())) return false;
        }

        return true;
    }
}
