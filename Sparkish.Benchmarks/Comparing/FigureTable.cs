using System.Globalization;
using Spectre.Console;

namespace Sparkish.Benchmarks.Comparing;

/// <summary>Figures as a table for people.</summary>
internal static class FigureTable
{
    public static void Print(IAnsiConsole console, string peerName, IReadOnlyList<Figure> figures)
    {
        // A file has no width of its own, and Spectre's 80 columns would break the names.
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = Math.Max(console.Profile.Width, 120);
        var table = new Table().AddColumn(new TableColumn("figure").NoWrap())
            .AddColumn(new TableColumn("sparkish").RightAligned()).AddColumn(new TableColumn(peerName).RightAligned())
            .AddColumn(new TableColumn("times better").RightAligned()).AddColumn("check");
        foreach (var figure in figures)
            table.AddRow(figure.Name, InUnit(figure.Value, figure.Unit), InUnit(figure.Baseline, figure.Unit), Invariant($"{figure.Ratio:G3}"), figure.Check);
        console.Write(table);
    }

    internal static string InUnit(double value, string unit) => unit switch
    {
        "B" => Invariant($"{value / (1 << 20):N0} MiB"),
        "1/s" => Invariant($"{value:N0} 1/s"),
        _ => Invariant($"{value:N3} {unit}"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
