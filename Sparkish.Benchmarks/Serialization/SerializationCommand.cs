using System.CommandLine;
using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Rpc;
using Sparkish.Benchmarks.Rpc.Measuring;
using Spectre.Console;

namespace Sparkish.Benchmarks.Serialization;

/// <summary><c>serialization</c>: measures codecs, graphs and closures beside System.Text.Json and code written by hand, in one run.</summary>
internal static class SerializationCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often each side runs; figures are medians.",
            HelpName = "N",
            DefaultValueFactory = _ => 5,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON line per figure instead of the table." };
        var quick = new Option<bool>("--quick") { Description = "Try all loads for a moment only: the values say nothing." };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--rounds must be at least 1.");
        });

        var command = new Command(
            "serialization", "Measures serialization: pairs, records, blocks, graphs and closures, beside System.Text.Json and BinaryWriter.")
        {
            rounds, json, quick,
        };
        command.SetAction((args, cancellationToken) =>
            Task.FromResult(Run(args.GetValue(json), args.GetValue(quick) ? Quick(args.GetValue(rounds)) : Full(args.GetValue(rounds)), cancellationToken)));
        return command;
    }

    private static Pace Full(int rounds) => new(WarmUp: TimeSpan.FromSeconds(1), Measure: TimeSpan.FromSeconds(0.5), rounds);

    private static Pace Quick(int rounds) => new(WarmUp: TimeSpan.FromMilliseconds(1), Measure: TimeSpan.FromMilliseconds(10), rounds);

    private static int Run(bool json, Pace pace, CancellationToken cancellationToken)
    {
        try
        {
            var figures = new List<Figure>();
            foreach (var contest in SerializationContests.All())
            {
                cancellationToken.ThrowIfCancellationRequested();
                Console.Error.WriteLine($"{contest.Name}: {pace.Rounds} rounds");
                var more = contest.Run(pace);
                figures.AddRange(more);
                if (!json) continue;
                foreach (var figure in more) Console.WriteLine(figure.ToJsonLine());
            }

            if (!json) RpcTable.Print(AnsiConsole.Console, figures, SerializationGoals.Of);
            return 0;
        }
        catch (SparkException e)
        {
            Console.Error.WriteLine($"serialization: {e.Message}");
            return 1;
        }
    }
}
