#pragma warning disable MA0048 // a goal and the list of goals belong together
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Rpc;

/// <summary>A number to reach.</summary>
/// <param name="Text">The number as the table shows it.</param>
/// <param name="IsReached">Whether a figure of a run, by name among all figures of that run, reaches it.</param>
internal sealed record RpcGoal(string Text, Func<Figure, IReadOnlyDictionary<string, Figure>, bool> IsReached);

/// <summary>The numbers that the actor framework is held to; figures that are not here are for information.</summary>
internal static class RpcGoals
{
    private static readonly Dictionary<string, RpcGoal> All = new(StringComparer.Ordinal)
    {
        ["rpc.local.tell"] = AtLeast("30 M/s", 30e6),
        ["rpc.local.pingpong"] = AtLeast("5 M/s", 5e6),
        ["rpc.local.ask"] = AtLeast("5 M/s", 5e6),
        ["rpc.local.ask.bytes"] = AtMost("0 B", 0.5),
        ["rpc.idle.bytes"] = AtMost("300 B", 300),
        ["rpc.remote.oneway.64"] = AtLeast("5 M/s", 5e6),
        ["rpc.remote.ask.1.p50"] = TimesBaseline("<= 1.3x", 1 / 1.3),
        ["rpc.remote.ask.1.p50.tls"] = TimesBaseline("<= 1.3x", 1 / 1.3),
        ["rpc.remote.ask.1.p99"] = TimesMedian("rpc.remote.ask.1.p50"),
        ["rpc.remote.ask.1.p99.tls"] = TimesMedian("rpc.remote.ask.1.p50.tls"),
        ["rpc.remote.ask.16"] = AtLeast("250 k/s", 250e3),
        ["rpc.remote.ask.256"] = AtLeast("1.5 M/s", 1.5e6),
        ["rpc.bulk"] = TimesBaseline(">= 0.7x", 0.7),
        ["rpc.bulk.tls"] = TimesBaseline(">= 0.8x", 0.8),
        ["rpc.remote.oneway.64.spark"] = TimesBaseline(">= 50x", 50),
        ["rpc.remote.ask.1.p50.spark"] = TimesBaseline("<= 0.3x", 1 / 0.3),
        ["rpc.remote.ask.256.spark"] = TimesBaseline(">= 40x", 40),
    };

    public static RpcGoal? Of(string figure) => All.GetValueOrDefault(figure);

    private static RpcGoal AtLeast(string text, double value) => new($">= {text}", (figure, _) => figure.Value >= value);

    private static RpcGoal AtMost(string text, double value) => new($"<= {text}", (figure, _) => figure.Value <= value);

    // The ratio says how many times better ours is, also where less is better.
    private static RpcGoal TimesBaseline(string text, double ratio) => new($"{text} baseline", (figure, _) => figure.Ratio >= ratio);

    private static RpcGoal TimesMedian(string median) =>
        new("<= 3x p50", (figure, all) => all.TryGetValue(median, out var p50) && figure.Value <= 3 * p50.Value);
}
