using Sparkish.Benchmarks.Rpc;

namespace Sparkish.Benchmarks.Journal;

/// <summary>The numbers that journals are held to; figures that are not here are for information.</summary>
internal static class JournalGoals
{
    private static readonly RpcGoal Appended = new(">= 20 k/s", static (figure, _) => figure.Value >= 20_000);

    private static readonly Dictionary<string, RpcGoal> All = new(StringComparer.Ordinal)
    {
        ["journal.file.append"] = Appended,
        ["journal.postgresql.append"] = Appended,
        ["journal.zookeeper.append"] = Appended,
        ["journal.file.replay.1000"] = AtMost("0.1 s", 0.1),
        ["journal.postgresql.replay.1000"] = AtMost("0.3 s", 0.3),
    };

    public static RpcGoal? Of(string figure) => All.GetValueOrDefault(figure);

    private static RpcGoal AtMost(string text, double value) => new($"<= {text}", (figure, _) => figure.Value <= value);
}
