using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;

namespace Sparkish.Serialization;

/// <summary>
/// Refuses keys from the network that were chosen to have equal hash codes: filling a table with n of them takes n²/2 steps. Strings hash differently in each
/// process once they collide, but numbers, ids and an application's own keys do not.
/// </summary>
internal static class HashFlooding
{
    /// <summary>Maximum number of comparisons to fill one table, beyond the first access to each key.</summary>
    public const long MaxSteps = 100_000_000;

    // Fewer keys take at most half a million steps.
    private const int SmallestChecked = 1_000;
    private const int SmallestSample = 128;
    private const int LargestSample = 4_096;

    /// <summary>
    /// Estimates the comparisons to fill a table from a random sample of the keys. The check is cheap, and an attacker cannot choose keys that pass it and are
    /// slow nonetheless.
    /// </summary>
    /// <param name="keys">All keys, before the first is added.</param>
    /// <param name="comparer">The comparer of the table; null for the default one.</param>
    /// <param name="capacity">
    /// The number of the table's buckets, such as <see cref="Dictionary{TKey, TValue}.Capacity"/>; 0 if only equal hash codes collide.
    /// </param>
    /// <returns>The estimate.</returns>
    /// <exception cref="SerializationException">The estimate exceeds <see cref="MaxSteps"/>.</exception>
    public static long Check<TKey>(ReadOnlySpan<TKey> keys, IEqualityComparer<TKey>? comparer, int capacity)
    {
        if (!IsNeeded(keys.Length, comparer)) return 0;
        var sample = Math.Clamp(keys.Length / 16, SmallestSample, LargestSample);
        var scale = (double)keys.Length / sample;
        var steps = CountMeetings(keys, comparer ?? EqualityComparer<TKey>.Default, capacity, sample) * scale * scale;
        return steps <= MaxSteps ? (long)steps : throw new SerializationException(
            $"The input holds {keys.Length} keys of {typeof(TKey)}, so many with equal hash codes that a table of them takes {steps:0} comparisons: "
            + "send the entries as an array, or give the keys a better hash code.");
    }

    /// <summary>The same for entries of a map.</summary>
    public static void Check<TKey, TValue>(ReadOnlySpan<KeyValuePair<TKey, TValue>> entries, IEqualityComparer<TKey>? comparer, int capacity)
    {
        if (!IsNeeded(entries.Length, comparer)) return;
        var keys = new TKey[entries.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = entries[i].Key;
        Check<TKey>(keys, comparer, capacity);
    }

    /// <summary>Whether this many keys could be slow with this comparer: if not, they need not be known before the first is added.</summary>
    public static bool IsNeeded<TKey>(int count, IEqualityComparer<TKey>? comparer) => count >= SmallestChecked && !IsRandomized(comparer);

    private static bool IsRandomized<TKey>(IEqualityComparer<TKey>? comparer) =>
        typeof(TKey) == typeof(string) && (comparer is null or StringComparer || ReferenceEquals(comparer, EqualityComparer<TKey>.Default));

    /// <summary>The pairs of sampled keys that share a bucket, counted in an open table of buckets.</summary>
    private static long CountMeetings<TKey>(ReadOnlySpan<TKey> keys, IEqualityComparer<TKey> comparer, int capacity, int sample)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)sample * 2);
        var buckets = ArrayPool<uint>.Shared.Rent(size);
        var counts = ArrayPool<int>.Shared.Rent(size);
        try
        {
            Array.Clear(counts, 0, size);
            // The sample only decides whether an attack is detected: it need not be repeatable, and must not be predictable.
            var random = (uint)RandomNumberGenerator.GetInt32(int.MaxValue) | 1;
            var mixer = (uint)RandomNumberGenerator.GetInt32(int.MaxValue) | 1;
            long meetings = 0;
            for (var i = 0; i < sample; i++)
            {
                random ^= random << 13;
                random ^= random >> 17;
                random ^= random << 5;
                var (first, next) = ((long)i * keys.Length / sample, (long)(i + 1) * keys.Length / sample);
                var key = keys[(int)(first + (random % (next - first)))];
                var bucket = key is null ? 0 : (uint)comparer.GetHashCode(key);
                if (capacity > 0) bucket %= (uint)capacity;
                var slot = (int)((bucket * 2654435769u ^ mixer) * mixer >> 7) & (size - 1);
                while (counts[slot] > 0 && buckets[slot] != bucket) slot = (slot + 1) & (size - 1);
                buckets[slot] = bucket;
                meetings += counts[slot]++;
            }

            return meetings;
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(buckets);
            ArrayPool<int>.Shared.Return(counts);
        }
    }
}
