using System.Text.Json;

namespace Sparkish.Benchmarks.Comparing;

/// <summary>What one process said about one workload: one or more measured runs, all with the same check value.</summary>
/// <param name="FirstRunEndsSeconds">From the start of the process to its first result.</param>
/// <param name="RunSeconds">The seconds of each measured run.</param>
/// <param name="Check">The check value.</param>
/// <param name="PeakBytes">The peak resident set of the process.</param>
internal sealed record BenchOutput(double FirstRunEndsSeconds, IReadOnlyList<double> RunSeconds, string Check, long PeakBytes)
{
    /// <summary>
    /// Reads the JSON lines of <c>bench</c>, ours or the peer's. Lines that are no JSON objects are other programs' talk and are passed over.
    /// </summary>
    /// <exception cref="SparkException">Something is missing, or the runs of the process differ in their check value.</exception>
    public static BenchOutput Parse(string engine, IEnumerable<string> lines)
    {
        double? firstRunEnds = null;
        long? peakKib = null;
        var seconds = new List<double>();
        var checks = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines.Where(line => line.StartsWith('{')))
        {
            using var document = ParseLine(engine, line);
            var root = document.RootElement;
            if (root.TryGetProperty("first_run_ends_ms", out var ends)) firstRunEnds = ends.GetDouble() / 1000;
            if (root.TryGetProperty("peak_rss_kib", out var peak)) peakKib = peak.GetInt64();
            if (!root.TryGetProperty("seconds", out var run)) continue;
            seconds.Add(run.GetDouble());
            checks.Add(root.GetProperty("check").GetString()!);
        }

        if (firstRunEnds is null || peakKib is null || seconds.Count == 0)
            throw new SparkException($"{engine} printed no complete measurement: expected JSON lines with first_run_ends_ms, seconds and peak_rss_kib.");
        if (checks.Count != 1)
            throw new SparkException($"{engine} printed check values that differ from run to run: {string.Join(", ", checks.Order(StringComparer.Ordinal))}.");
        return new BenchOutput(firstRunEnds.Value, seconds, checks.Single(), peakKib.Value * 1024);
    }

    private static JsonDocument ParseLine(string engine, string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException e)
        {
            throw new SparkException($"{engine} printed '{line}', which is no JSON object.", e);
        }
    }
}
