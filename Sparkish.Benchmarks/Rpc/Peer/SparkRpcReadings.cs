using System.Text.Json;

namespace Sparkish.Benchmarks.Rpc.Peer;

/// <summary>Reads what Spark's RPC benchmark prints, under the names of our figures.</summary>
internal static class SparkRpcReadings
{
    // What Spark's line is called, the field in it, our figure, and how many of the field's units make one of ours.
    private static readonly (string Load, string Field, string Figure, double Units)[] Known =
    [
        ("local one-way", "per_s", "rpc.local.tell", 1),
        ("local ask, 1 outstanding", "p50_us", "rpc.local.ask.1.p50", 1e6),
        ("local ask, 1 outstanding", "p99_us", "rpc.local.ask.1.p99", 1e6),
        ("local ask, 256 outstanding", "per_s", "rpc.local.ask", 1),
        ("remote one-way", "per_s", "rpc.remote.oneway.64", 1),
        ("remote ask, 1 outstanding", "p50_us", "rpc.remote.ask.1.p50", 1e6),
        ("remote ask, 1 outstanding", "p99_us", "rpc.remote.ask.1.p99", 1e6),
        ("remote ask, 16 outstanding", "per_s", "rpc.remote.ask.16", 1),
        ("remote ask, 256 outstanding", "per_s", "rpc.remote.ask.256", 1),
    ];

    /// <summary>The values of each figure over the rounds of one or more runs. The first round of a run warms Spark up and is not among them.</summary>
    /// <exception cref="SparkException">A load is missing or has run less than twice.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<double>> Parse(string peerName, IEnumerable<IReadOnlyList<string>> runs)
    {
        var readings = new Dictionary<string, IReadOnlyList<double>>(StringComparer.Ordinal);
        JsonElement[][] lines = [.. runs.Select(run => run.Where(line => line.StartsWith('{')).Select(line => JsonElement.Parse(line)).ToArray())];
        foreach (var (load, field, figure, units) in Known)
        {
            double[] values = [.. lines.SelectMany(run => run.Where(line => IsOf(line, load)).Skip(1))
                .Select(line => line.GetProperty(field).GetDouble() / units)];
            if (values.Length == 0) throw new SparkException($"{peerName} printed no second round of '{load}'.");
            readings.Add(figure, values);
        }

        return readings;
    }

    private static bool IsOf(JsonElement line, string load) => line.TryGetProperty("rpc", out var name) && name.ValueEquals(load);
}
