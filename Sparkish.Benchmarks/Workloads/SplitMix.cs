namespace Sparkish.Benchmarks.Workloads;

/// <summary>splitmix64: numbers that look random, the same on both sides of a comparison.</summary>
internal static class SplitMix
{
    public static long Mix(long index)
    {
        var z = (ulong)index + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (long)(z ^ (z >> 31));
    }

    /// <summary>One of <paramref name="keys"/> keys for an index, unsigned modulo.</summary>
    public static long Key(long index, long keys) => (long)((ulong)Mix(index) % (ulong)keys);
}
