using System.Diagnostics;
using System.Numerics;

namespace Sparkish.Benchmarks.Rpc.Measuring;

/// <summary>
/// How often each latency was seen, to one part in 64: recording takes a few nanoseconds and no memory. Not safe for several threads at once.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int PartBits = 6;
    private const int Parts = 1 << PartBits;

    // The last octave begins at 2^39 ticks, nine minutes where a tick is a nanosecond.
    private const int Octaves = 40 - PartBits;

    private readonly int[] _counts = new int[(Octaves + 1) * Parts];

    /// <summary>How many latencies were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Records one latency, in ticks of the <see cref="Stopwatch"/>.</summary>
    public void Record(long ticks)
    {
        _counts[Math.Min(BucketOf(ticks), _counts.Length - 1)]++;
        Count++;
    }

    /// <summary>Adds what another has recorded.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
    }

    /// <summary>The seconds that a part of all latencies, 0 to 1, did not exceed.</summary>
    public double SecondsAt(double part)
    {
        var (wanted, seen) = (Math.Max(1, (long)Math.Ceiling(Count * part)), 0L);
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted) return (double)HighestIn(i) / Stopwatch.Frequency;
        }

        throw new InvalidOperationException("No latency was recorded.");
    }

    // Latencies under 64 ticks have a bucket each; every octave above has 64 of equal width.
    private static int BucketOf(long ticks)
    {
        if (ticks < Parts) return (int)Math.Max(0, ticks);
        var octave = BitOperations.Log2((ulong)ticks) - PartBits;
        return ((octave + 1) << PartBits) + (int)((ticks >> octave) & (Parts - 1));
    }

    private static long HighestIn(int bucket)
    {
        if (bucket < Parts) return bucket;
        var octave = (bucket >> PartBits) - 1;
        return ((long)((bucket & (Parts - 1)) + Parts + 1) << octave) - 1;
    }
}
