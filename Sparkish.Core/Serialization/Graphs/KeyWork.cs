namespace Sparkish.Serialization.Graphs;

/// <summary>
/// Limits the cost of hashing and comparing the keys of one graph. A few bytes can describe a key that visits billions of parts, as each may be referenced many
/// times, or one that nests deeper than the stack.
/// </summary>
internal sealed class KeyWork(SerializationLimits limits)
{
    // A part takes at least some bytes of the input, so this allows about 100,000 parts of one key, and 100 million of all.
    private const long LargestKey = 1_000_000;
    private const long LargestSum = 1_000_000_000;

    private long _bytes;
    private long _steps;

    /// <summary>Counts a key that was read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="size">Its bytes, were nothing in it shared.</param>
    /// <param name="written">Its bytes in the input.</param>
    /// <param name="height">The nesting depth of its parts.</param>
    /// <param name="comparer">Hashes or compares the keys; null for the default comparer.</param>
    public void Count<T>(T key, long size, int written, int height, object? comparer)
    {
        if (size <= written && height <= limits.MaxDepth) return;
        if (key is null || (!Keys.LooksAtParts(comparer) && !StructuralKeys.IsHashedByParts(key.GetType()))) return;
        _bytes += size;
        if (size - written > LargestKey || _bytes > LargestSum || height > limits.MaxDepth) throw new SerializationException(
            $"The input holds a {key.GetType()} as a key whose parts take {size} bytes, each counted once per reference, "
            + $"and nest {height} levels deep: use a key of fewer parts.");
    }

    /// <summary>Checks keys before a table is filled with them.</summary>
    /// <exception cref="SerializationException">Too many share a hash code, here or in all tables of the graph.</exception>
    public void CheckFlooding<TKey>(ReadOnlySpan<TKey> keys, IEqualityComparer<TKey>? comparer, int capacity)
    {
        _steps += HashFlooding.Check(keys, comparer, capacity);
        if (_steps > 2 * HashFlooding.MaxSteps) throw new SerializationException(
            $"The input holds tables with so many equal hash codes that they take {_steps} comparisons to fill: send their entries as arrays.");
    }
}
