namespace Sparkish.Benchmarks.Workloads;

/// <summary>The workloads of the side-by-side comparison, each the same job on the same data as the peer's, with the same check value.</summary>
internal static class Workload
{
    private static readonly SortedDictionary<string, Func<SparkContext, WorkloadSettings, string>> All = new(StringComparer.Ordinal)
    {
        ["aggregate"] = Aggregate,
        ["first"] = First,
        ["jobs"] = Jobs,
        ["map"] = Map,
        ["sort"] = SortWorkload.Run,
        ["tasks"] = Tasks,
        ["wordcount"] = WordCount,
    };

    public static IEnumerable<string> Names => All.Keys;

    /// <summary>The job of a workload: runs it once and returns its check value.</summary>
    /// <exception cref="SparkException">There is no such workload.</exception>
    public static Func<SparkContext, WorkloadSettings, string> Named(string name) =>
        All.GetValueOrDefault(name) ?? throw new SparkException($"'{name}' is no workload: choose from {string.Join(", ", Names)}.");

    // The numbers 0 to n, made where they are used: each partition makes its own range.
    internal static Rdd<long> Longs(SparkContext sc, int parts, long n) =>
        sc.Parallelize(Enumerable.Range(0, parts), parts).MapPartitions(part => Range(part.Single(), parts, n));

    private static IEnumerable<long> Range(int part, int parts, long n)
    {
        var (from, to) = (n * part / parts, n * (part + 1) / parts);
        for (var i = from; i < to; i++) yield return i;
    }

    private static string First(SparkContext sc, WorkloadSettings settings) =>
        $"{sc.Parallelize(Enumerable.Range(0, 1000), settings.Number("parts", 4)).Map(x => x * 2).Reduce((a, b) => a + b)}";

    private static string Jobs(SparkContext sc, WorkloadSettings settings)
    {
        var sum = 0L;
        for (var left = settings.Number("n", 300); left > 0; left--) sum += sc.Parallelize([1, 2], 2).Reduce((a, b) => a + b);
        return $"{sum}";
    }

    private static string Tasks(SparkContext sc, WorkloadSettings settings)
    {
        // The peer's action is foreach, which this API does not have yet; a count sends back eight bytes more.
        var n = settings.Number("n", 10_000);
        return $"{sc.Parallelize(Enumerable.Range(0, n), n).Count()}";
    }

    private static string WordCount(SparkContext sc, WorkloadSettings settings)
    {
        var (input, parts) = (settings.Text("input", ""), settings.Number("parts", 4));
        if (input.Length == 0) throw new SparkException("wordcount needs its text: add input=FILE.");

        // The peer caches the counts between its two actions; without a cache the second action merges the shuffled counts again.
        var counts = sc.TextFile(input, parts)
            .FlatMap(line => line.Split(' '))
            .Filter(word => word.Length > 0)
            .Map(word => (word, 1))
            .ReduceByKey((a, b) => a + b, parts);
        var distinct = counts.Count();
        var total = counts.Map(count => (long)count.Value).Reduce((a, b) => a + b);
        return $"{distinct}/{total}";
    }

    private static string Aggregate(SparkContext sc, WorkloadSettings settings)
    {
        var (parts, n, keys) = (settings.Number("parts", 4), settings.Number("n", 20_000_000), (long)settings.Number("keys", 1000));
        var sums = Longs(sc, parts, n).Map(i => (SplitMix.Key(i, keys), i)).ReduceByKey((a, b) => a + b, parts);
        return $"{sums.Map(sum => (sum.Key * 31) + sum.Value).Reduce((a, b) => a + b)}";
    }

    private static string Map(SparkContext sc, WorkloadSettings settings) =>
        $"{Longs(sc, settings.Number("parts", 4), settings.Number("n", 100_000_000))
            .Map(x => x * 3).Filter(x => (x & 1) == 0).Map(x => x + 7).Reduce((a, b) => a + b)}";
}
