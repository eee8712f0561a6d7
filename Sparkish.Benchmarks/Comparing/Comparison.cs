namespace Sparkish.Benchmarks.Comparing;

/// <summary>From the outputs of both sides, one per round, to figures.</summary>
internal static class Comparison
{
    /// <summary>The figures of one workload: medians over the rounds.</summary>
    /// <exception cref="SparkException">A check value differs, between the sides or between rounds.</exception>
    public static IReadOnlyList<Figure> Figures(
        ComparedWorkload workload, IReadOnlyList<BenchOutput> ours, IReadOnlyList<BenchOutput> peers, string peerName)
    {
        var check = SameCheck(workload.Name, ours, peers, peerName);
        var (value, baseline) = (Median([.. ours.Select(workload.SecondsOf)]), Median([.. peers.Select(workload.SecondsOf)]));
        var (peak, peerPeak) = (Median([.. ours.Select(o => (double)o.PeakBytes)]), Median([.. peers.Select(o => (double)o.PeakBytes)]));
        var name = $"compare.{workload.Name}";

        var figures = new List<Figure> { Figure.Of(name, value, "s", baseline, peerName, check) };
        if (workload.CountsPerRun is { } counts) figures.Add(Figure.Of($"{name}.rate", counts / value, "1/s", counts / baseline, peerName, check));
        if (peak > 0 && peerPeak > 0) figures.Add(Figure.Of($"{name}.memory", peak, "B", peerPeak, peerName, check));
        return figures;
    }

    public static double Median(IReadOnlyList<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count);
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static string SameCheck(string workload, IReadOnlyList<BenchOutput> ours, IReadOnlyList<BenchOutput> peers, string peerName)
    {
        var (our, peer) = (Distinct(ours), Distinct(peers));
        if (our.Length == 1 && peer.Length == 1 && string.Equals(our[0], peer[0], StringComparison.Ordinal)) return our[0];
        throw new SparkException(
            $"{workload} has check values that differ: sparkish {string.Join(" and ", our)}, {peerName} {string.Join(" and ", peer)}. The times of different answers are not compared.");
    }

    private static string[] Distinct(IReadOnlyList<BenchOutput> outputs) =>
        [.. outputs.Select(output => output.Check).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
