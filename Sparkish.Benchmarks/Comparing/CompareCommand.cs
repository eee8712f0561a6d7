using System.CommandLine;
using Spectre.Console;

namespace Sparkish.Benchmarks.Comparing;

/// <summary><c>compare WORKLOAD… --peer RUN</c>: runs each workload alternately on Sparkish and on real Spark and reports medians.</summary>
internal static class CompareCommand
{
    private static readonly TimeSpan LimitPerProcess = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        var workloads = new Argument<string[]>("WORKLOADS")
        {
            Description = $"Some of {string.Join(", ", ComparedWorkload.All.Select(workload => workload.Name))}.",
            Arity = ArgumentArity.OneOrMore,
        };
        var peer = new Option<string>("--peer") { Description = "The 'run' script of the peer, real Spark.", HelpName = "RUN", Required = true };
        var data = new Option<string>("--data")
        {
            Description = "The directory with debian-packages.txt.xz, for wordcount.",
            HelpName = "DIR",
            DefaultValueFactory = _ => ".",
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often each side runs; figures are medians.",
            HelpName = "N",
            DefaultValueFactory = _ => 3,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON line per figure instead of the table." };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--rounds must be at least 1.");
        });
        var command = new Command("compare", "Runs workloads alternately on Sparkish and on real Spark, on the same data and with the same check value.")
        {
            workloads, peer, data, rounds, json,
        };
        command.SetAction((args, cancellationToken) => RunAsync(
            args.GetValue(workloads)!, args.GetValue(peer)!, args.GetValue(data)!, args.GetValue(rounds), args.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string[] names, string run, string data, int rounds, bool json, CancellationToken cancellationToken)
    {
        try
        {
            var peer = BenchSide.Peer(run);
            ComparedWorkload[] workloads = [.. names.Distinct(StringComparer.Ordinal).Select(ComparedWorkload.Named)];
            using var index = workloads.Any(workload => workload.Name is ComparedWorkload.WordCount)
                ? await PackageIndex.UnpackAsync(data, cancellationToken)
                : null;

            var figures = new List<Figure>();
            foreach (var workload in workloads)
            {
                var measured = await CompareAsync(workload, index, peer, rounds, cancellationToken);
                figures.AddRange(measured);
                if (!json) continue;
                foreach (var figure in measured) Console.WriteLine(figure.ToJsonLine());
            }

            if (!json) FigureTable.Print(AnsiConsole.Console, peer.Name, figures);
            return 0;
        }
        catch (FileNotFoundException e)
        {
            await Console.Error.WriteLineAsync($"compare: {e.Message}");
            return 2;
        }
        catch (SparkException e)
        {
            await Console.Error.WriteLineAsync($"compare: {e.Message}");
            return 1;
        }
    }

    private static async Task<IReadOnlyList<Figure>> CompareAsync(
        ComparedWorkload workload, PackageIndex? index, BenchSide peer, int rounds, CancellationToken cancellationToken)
    {
        var ours = BenchSide.Ours();
        var outputs = new Dictionary<BenchSide, List<BenchOutput>> { [ours] = [], [peer] = [] };
        string[] settings = [.. workload.Settings, .. index is not null ? new[] { $"input={index.FilePath}" } : []];

        // Alternately, so that whatever else the machine does in these minutes slows down both.
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var side in new[] { ours, peer })
            {
                var output = await side.RunAsync(workload, settings, LimitPerProcess, cancellationToken);
                outputs[side].Add(output);
                await Console.Error.WriteLineAsync($"{workload.Name} {round}/{rounds} {side.Name}: {workload.SecondsOf(output):F3} s");
            }
        }

        return Comparison.Figures(workload, outputs[ours], outputs[peer], peer.Name);
    }
}
