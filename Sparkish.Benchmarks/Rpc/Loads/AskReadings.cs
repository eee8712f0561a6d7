using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>What a load of asks reads, ours or a baseline's.</summary>
internal static class AskReadings
{
    // What is less than this rounds to nothing; a zero could not be divided by.
    private const double LeastBytes = 0.001;

    /// <summary>Answers a second, the seconds at the median and at the 99th percentile, bytes allocated per ask.</summary>
    public static double[] Of(IEnumerable<LatencyHistogram> latencies, double seconds, long allocated)
    {
        var all = new LatencyHistogram();
        foreach (var one in latencies) all.Add(one);
        return [all.Count / seconds, all.SecondsAt(0.5), all.SecondsAt(0.99), Math.Max(LeastBytes, (double)allocated / all.Count)];
    }
}
