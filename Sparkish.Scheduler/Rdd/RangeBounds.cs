using Sparkish.Keys;

namespace Sparkish;

/// <summary>Chooses the bounds of ranges from samples, as Spark's RangePartitioner does: cuts at equal cumulative weight.</summary>
internal static class RangeBounds
{
    private const int SamplesPerRange = 20;
    private const int MaxSamples = 1_000_000;

    /// <summary>Number of keys to sample from each input partition: three times its fair share, since partitions may differ in size.</summary>
    public static int SampleSize(int ranges, int inputPartitions) =>
        (int)Math.Ceiling(3.0 * Math.Min((double)SamplesPerRange * ranges, MaxSamples) / Math.Max(inputPartitions, 1));

    /// <summary>Takes a uniform sample of a stream in one pass (Vitter's algorithm R).</summary>
    public static KeySample<TKey> Sample<TKey>(IEnumerable<TKey> keys, int size, int seed)
    {
        var random = new Random(seed);
        var kept = new List<TKey>();
        long count = 0;
        foreach (var key in keys)
        {
            count++;
            if (kept.Count < size) kept.Add(key);
            else if (random.NextInt64(count) is var place && place < size) kept[(int)place] = key;
        }

        return new KeySample<TKey>(count, [.. kept]);
    }

    /// <summary>Divides weighted samples into at most the given number of ranges; bounds are distinct, so there may be fewer.</summary>
    public static TKey[] Determine<TKey>(IReadOnlyList<KeySample<TKey>> samples, int ranges)
    {
        var order = KeyComparer<TKey>.Default;
        var candidates = samples
            .SelectMany(sample => sample.Keys.Select(key => (Key: key, Weight: (double)sample.Count / sample.Keys.Length)))
            .OrderBy(candidate => candidate.Key, order)
            .ToArray();
        var step = candidates.Sum(candidate => candidate.Weight) / ranges;
        var bounds = new List<TKey>();
        double cumulative = 0;
        var target = step;
        foreach (var (key, weight) in candidates)
        {
            if (bounds.Count == ranges - 1) break;
            cumulative += weight;
            if (cumulative < target || (bounds.Count > 0 && order.Compare(key, bounds[^1]) <= 0)) continue;
            bounds.Add(key);
            target += step;
        }

        return [.. bounds];
    }
}

/// <summary>Keys sampled from a partition of a known size.</summary>
internal sealed record KeySample<TKey>(long Count, TKey[] Keys);
