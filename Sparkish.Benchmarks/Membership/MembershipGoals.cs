using Sparkish.Benchmarks.Rpc;

namespace Sparkish.Benchmarks.Membership;

/// <summary>The numbers that membership is held to; figures that are not here are for information.</summary>
internal static class MembershipGoals
{
    private const double MostMessages = 5;

    private static readonly Dictionary<string, RpcGoal> All = new(StringComparer.Ordinal)
    {
        ["membership.detect.100"] = AtMost("5 s", 5),
        ["membership.detect.100.p99"] = AtMost("5 s", 5),
        ["membership.detect.100.max"] = AtMost("5 s", 5),
        ["membership.detect.killed.100"] = AtMost("0.5 s", 0.5),
        ["membership.detect.killed.100.p99"] = AtMost("0.5 s", 0.5),
        ["membership.detect.killed.100.max"] = AtMost("0.5 s", 0.5),
        ["membership.removed.stall.100"] = AtMost("0", 0),
        ["membership.removed.loss.100"] = AtMost("0", 0),
    };

    public static RpcGoal? Of(string figure) =>
        All.GetValueOrDefault(figure) ?? (figure.StartsWith("membership.messages.", StringComparison.Ordinal) ? AtMost("5 /s", MostMessages) : null);

    private static RpcGoal AtMost(string text, double value) => new($"<= {text}", (figure, _) => figure.Value <= value);
}
