using System.Globalization;
using Sparkish.Benchmarks.Comparing;
using Spectre.Console;

namespace Sparkish.Benchmarks.Rpc;

/// <summary>The figures as a table for people.</summary>
internal static class RpcTable
{
    public static void Print(IAnsiConsole console, IReadOnlyList<Figure> figures, Func<string, RpcGoal?>? goalOf = null)
    {
        // A file has no width of its own, and Spectre's 80 columns would break the names.
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = Math.Max(console.Profile.Width, 140);
        var byName = figures.ToDictionary(figure => figure.Name, StringComparer.Ordinal);
        var table = new Table().AddColumn(new TableColumn("figure").NoWrap()).AddColumn(new TableColumn("sparkish").RightAligned())
            .AddColumn(new TableColumn("baseline").RightAligned()).AddColumn("of").AddColumn(new TableColumn("times better").RightAligned())
            .AddColumn("to reach").AddColumn("reached");
        foreach (var figure in figures)
        {
            var goal = (goalOf ?? RpcGoals.Of)(figure.Name);
            table.AddRow(figure.Name, InUnit(figure.Value, figure.Unit), InUnit(figure.Baseline, figure.Unit), figure.BaselineName,
                string.Create(CultureInfo.InvariantCulture, $"{figure.Ratio:G3}"), goal?.Text ?? "",
                goal is null ? "" : goal.IsReached(figure, byName) ? "yes" : "no");
        }

        console.Write(table);
    }

    internal static string InUnit(double value, string unit) => unit switch
    {
        "1/s" => InThousands(value),
        "1/s each" => string.Create(CultureInfo.InvariantCulture, $"{value:F2} /s"),
        "B/s" => string.Create(CultureInfo.InvariantCulture, $"{value / (1 << 30):F2} GiB/s"),
        "s" when value >= 0.1 => string.Create(CultureInfo.InvariantCulture, $"{value:F2} s"),
        "s" => string.Create(CultureInfo.InvariantCulture, $"{value * 1e6:F1} µs"),
        "ns" => string.Create(CultureInfo.InvariantCulture, $"{value:F1} ns"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:F0} {unit}"),
    };

    private static string InThousands(double value) => value switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:F2} M/s"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:F1} k/s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:F0} 1/s"),
    };
}
