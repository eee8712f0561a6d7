namespace Sparkish.Benchmarks.Workloads;

/// <summary>Sorts records of 100 bytes, a key of ten letters and 90 bytes of payload, and checks the order of each partition.</summary>
internal static class SortWorkload
{
    public static string Run(SparkContext sc, WorkloadSettings settings)
    {
        var (parts, n) = (settings.Number("parts", 4), (long)settings.Number("n", 2_000_000));

        var checks = Workload.Longs(sc, parts, n).Map(Record)
            .SortBy(record => record.Key, ascending: true, parts)
            .MapPartitions(part => new[] { Check(part) })
            .Collect();

        return $"{checks.Sum(check => check.Count)}/{(checks.All(check => check.Sorted) ? "true" : "false")}";
    }

    private static (string Key, byte[] Payload) Record(long index)
    {
        var key = string.Create(10, (ulong)SplitMix.Mix(index), static (letters, rest) =>
        {
            foreach (ref var letter in letters) (rest, letter) = (rest / 26, (char)('A' + (rest % 26)));
        });
        var payload = new byte[90];
        for (var i = 0; i < payload.Length; i++) payload[i] = (byte)(index + 1 + i);
        return (key, payload);
    }

    private static (long Count, bool Sorted) Check(IEnumerable<(string Key, byte[] Payload)> part)
    {
        var (count, sorted, last) = (0L, true, "");
        foreach (var (key, _) in part)
        {
            sorted &= string.CompareOrdinal(last, key) <= 0;
            last = key;
            count++;
        }

        return (count, sorted);
    }
}
