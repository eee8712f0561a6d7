using System.Diagnostics;
using Sparkish.Benchmarks.Peers.Processes;
using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Benchmarks.Peers.Comparing;

/// <summary>Runs one load on all sides in turn.</summary>
internal static class PeerRunner
{
    /// <exception cref="SparkException">A side lost a message or ended.</exception>
    public static async Task<IReadOnlyList<PeerRow>> RunAsync(
        PeerLoad load, SidePairs pairs, string suffix, Pace pace, TextWriter progress, CancellationToken cancellationToken)
    {
        SidePair[] sides = [.. pairs.All.Where(pair => pair.Side.Has(load))];
        var start = Stopwatch.GetTimestamp();
        foreach (var side in sides) await side.MeasureAsync(load, pace.WarmUp, cancellationToken);

        var readings = sides.ToDictionary(side => side.Side.Name, _ => new List<double[]>(), StringComparer.Ordinal);
        for (var round = 0; round < pace.Rounds; round++)
        {
            // Each round begins with another side: what the machine does in between then meets all of them.
            for (var i = 0; i < sides.Length; i++)
            {
                var side = sides[(round + i) % sides.Length];
                readings[side.Side.Name].Add(await side.MeasureAsync(load, pace.Measure, cancellationToken));
            }
        }

        await progress.WriteLineAsync($"{load.Name}{suffix}: {pace.Rounds} rounds in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        return [.. load.Metrics.Select((metric, i) => new PeerRow(metric.Name + suffix, metric.Unit, readings.ToDictionary(
            side => side.Key, side => (IReadOnlyList<double>)[.. side.Value.Select(values => values[i])], StringComparer.Ordinal)))];
    }
}
