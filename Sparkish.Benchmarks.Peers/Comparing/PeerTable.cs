using System.Globalization;
using Sparkish.Benchmarks.Peers.Sides;
using Sparkish.Benchmarks.Rpc;
using Spectre.Console;

namespace Sparkish.Benchmarks.Peers.Comparing;

/// <summary>The figures of all sides as a table for people.</summary>
internal static class PeerTable
{
    private const int Width = 180;

    public static void Print(IAnsiConsole console, IReadOnlyList<PeerRow> rows)
    {
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = Math.Max(console.Profile.Width, Width);
        var table = new Table().AddColumn(new TableColumn("figure").NoWrap());
        foreach (var side in PeerSides.All) table.AddColumn(new TableColumn(Markup.Escape(side.Title)).RightAligned());
        table.AddColumn(new TableColumn("on Akka, times Akka.Remote with Hyperion").RightAligned());
        foreach (var row in rows)
        {
            var ratio = row.Values.ContainsKey(PeerSides.AkkaHyperion)
                ? row.Against(PeerSides.AkkaHyperion).Ratio.ToString("G3", CultureInfo.InvariantCulture) : "";
            table.AddRow([row.Name, .. PeerSides.All.Select(side => CellOf(row, side.Name)), ratio]);
        }

        console.Write(table);
    }

    /// <summary>The median, and the range of the rounds.</summary>
    private static string CellOf(PeerRow row, string side)
    {
        if (!row.Values.TryGetValue(side, out var values)) return "";
        return $"{RpcTable.InUnit(row.MedianOf(side)!.Value, row.Unit)} ({Shortly(values.Min(), row.Unit)}–{Shortly(values.Max(), row.Unit)})";
    }

    private static string Shortly(double value, string unit) => RpcTable.InUnit(value, unit).Split(' ')[0];
}
