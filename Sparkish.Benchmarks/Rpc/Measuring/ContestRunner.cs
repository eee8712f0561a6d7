using System.Diagnostics;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Rpc.Measuring;

/// <summary>Runs both sides of a contest alternately and reports medians.</summary>
internal static class ContestRunner
{
    // Each measurement counts what arrived, and a difference is an error instead of a figure; so both sides have passed the same check.
    private const string Check = "ok";

    public static async Task<IReadOnlyList<Figure>> RunAsync(Contest contest, Pace pace, TextWriter progress, CancellationToken cancellationToken)
    {
        await contest.Ours(pace.WarmUp);
        await contest.Baseline(pace.WarmUp);

        // Alternately, so that whatever else the machine does in these seconds slows down both.
        var (ours, baselines) = (new List<double[]>(), new List<double[]>());
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < pace.Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ours.Add(await contest.Ours(pace.Measure));
            baselines.Add(await contest.Baseline(pace.Measure));
        }

        await progress.WriteLineAsync($"{contest.Name}: {pace.Rounds} rounds in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        return [.. contest.Metrics.Select((metric, i) => Figure.Of(
            metric.Name, Comparison.Median([.. ours.Select(values => values[i])]), metric.Unit,
            Comparison.Median([.. baselines.Select(values => values[i])]), contest.BaselineName, Check))];
    }

    /// <summary>The figures against another program that has run the same loads by itself: one for each of ours that it has readings of.</summary>
    public static IReadOnlyList<Figure> Against(
        string peerName, IReadOnlyDictionary<string, IReadOnlyList<double>> readings, string suffix, IEnumerable<Figure> ours) =>
        [.. ours.Where(figure => readings.ContainsKey(figure.Name)).Select(figure => Figure.Of(
            figure.Name + suffix, figure.Value, figure.Unit, Comparison.Median(readings[figure.Name]), peerName, Check))];
}
