using System.CommandLine;
using Sparkish.Benchmarks.Peers.Processes;
using Sparkish.Benchmarks.Peers.Sides;
using Sparkish.Benchmarks.Rpc.Measuring;
using Spectre.Console;

namespace Sparkish.Benchmarks.Peers.Comparing;

/// <summary><c>compare</c>: all sides under all loads.</summary>
internal static class CompareCommand
{
    private static readonly (TimeSpan WarmUp, TimeSpan Measure) Full = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1));
    private static readonly (TimeSpan WarmUp, TimeSpan Measure) Moment = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5, Description = "Number of measurements of each side; figures are medians." };
        var json = new Option<bool>("--json") { Description = "Print one JSON line per figure instead of the table." };
        var only = new Option<string[]>("--only") { Description = "Only these figures.", AllowMultipleArgumentsPerToken = true };
        var noTls = new Option<bool>("--no-tls") { Description = "Leave out what is measured with certificates." };
        var quick = new Option<bool>("--quick") { Description = "Run all loads briefly." };
        var command = new Command("compare", "Measures all sides under all loads.") { rounds, json, only, noTls, quick };
        command.SetAction((args, cancellationToken) =>
        {
            var (warmUp, measure) = args.GetValue(quick) ? Moment : Full;
            var pace = new Pace(warmUp, measure, args.GetValue(rounds));
            return RunAsync(new FigureSelection(args.GetValue(only) ?? []), args.GetValue(json), !args.GetValue(noTls), pace, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(FigureSelection selection, bool json, bool secured, Pace pace, CancellationToken cancellationToken)
    {
        try
        {
            var rows = new List<PeerRow>();
            foreach (var security in secured ? [false, true] : new[] { false })
                rows.AddRange(await MeasureAsync(selection, security, pace, json, cancellationToken));
            if (rows.Count == 0) throw new SparkException($"No figure is called {selection}: leave --only out to see all names.");
            if (!json) PeerTable.Print(AnsiConsole.Console, rows);
            return 0;
        }
        catch (SparkException e)
        {
            await Console.Error.WriteLineAsync($"rpc: {e.Message}");
            return 1;
        }
    }

    private static async Task<IReadOnlyList<PeerRow>> MeasureAsync(
        FigureSelection selection, bool secured, Pace pace, bool json, CancellationToken cancellationToken)
    {
        PeerLoad[] loads = [.. PeerLoad.All.Where(load => (!secured || load.IsRemote) && selection.Includes(load.Metrics))];
        if (loads.Length == 0) return [];
        var rows = new List<PeerRow>();
        await using var pairs = await SidePairs.StartAsync(PeerSides.All.Where(side => !secured || side.CanBeSecured), secured, cancellationToken);
        // One ask at a time is too few for the just-in-time compiler to settle in a few seconds.
        foreach (var pair in pairs.All) await pair.MeasureAsync(PeerLoad.All[^1], 2 * pace.WarmUp, cancellationToken);
        foreach (var load in loads)
        {
            var more = await PeerRunner.RunAsync(load, pairs, secured ? ".tls" : "", pace, Console.Error, cancellationToken);
            rows.AddRange(more);
            if (!json) continue;
            foreach (var figure in more.SelectMany(row => row.Figures)) Console.WriteLine(figure.ToJsonLine());
        }

        return rows;
    }
}
