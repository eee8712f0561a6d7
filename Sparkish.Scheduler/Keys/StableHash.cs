using Sparkish.Keys;

namespace Sparkish;

/// <summary>Hash codes that are equal in every process and culture, for <see cref="IStableHashCode"/>.</summary>
public static class StableHash
{
    /// <summary>Hashes a value that can be a key: a number, a string by its UTF-16 code units, a date, or a tuple or a record of such values.</summary>
    /// <exception cref="SparkException">The type, or a member's, cannot be a key.</exception>
    public static int Of<T>(T value)
    {
        KeyRules.RequireKey<T>(nameof(StableHash));
        return unchecked((int)KeyHasher<T>.Default.Hash(value));
    }
}
