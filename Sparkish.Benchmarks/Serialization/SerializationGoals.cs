using Sparkish.Benchmarks.Rpc;

namespace Sparkish.Benchmarks.Serialization;

/// <summary>The numbers that serialization is held to; figures that are not here are for information.</summary>
internal static class SerializationGoals
{
    private const double TimesJson = 10;

    private static readonly Dictionary<string, RpcGoal> All = new(StringComparer.Ordinal)
    {
        ["serialization.pairs.write"] = AtMost("9 ns", 9),
        ["serialization.record8.write"] = AtMost("30 ns", 30),
        ["serialization.record8.read"] = AtMost("45 ns", 45),
        ["serialization.record8.allocated"] = AtMost("0 B", 0.5),
        ["serialization.pairs.write.json"] = TimesBaseline(TimesJson),
        ["serialization.pairs.read.json"] = TimesBaseline(TimesJson),
        ["serialization.record8.write.json"] = TimesBaseline(TimesJson),
        ["serialization.record8.read.json"] = TimesBaseline(TimesJson),
        ["serialization.longs.write.memcpy"] = TimesBaseline(0.8),
        ["serialization.longs.read.memcpy"] = TimesBaseline(0.8),
        ["serialization.closure.ship"] = AtMost("10 µs", 10_000),
        ["serialization.closure.bytes"] = AtMost("1 KiB", 1024),
    };

    public static RpcGoal? Of(string figure) => All.GetValueOrDefault(figure);

    private static RpcGoal AtMost(string text, double value) => new($"<= {text}", (figure, _) => figure.Value <= value);

    private static RpcGoal TimesBaseline(double ratio) => new(FormattableString.Invariant($">= {ratio:G2}x baseline"), (figure, _) => figure.Ratio >= ratio);
}
