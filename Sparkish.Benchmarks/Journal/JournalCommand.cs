using System.CommandLine;
using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Rpc;
using Spectre.Console;

namespace Sparkish.Benchmarks.Journal;

/// <summary><c>journal</c>: measures appends and replays of all kinds of journals, in one run.</summary>
internal static class JournalCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often each load runs; figures are medians.",
            HelpName = "N",
            DefaultValueFactory = _ => 5,
        };
        var directory = new Option<string>("--directory")
        {
            Description = "Where the files of the file journal are.",
            HelpName = "PATH",
            DefaultValueFactory = _ => Path.GetTempPath(),
        };
        var only = new Option<string[]>("--only")
        {
            Description = "Measure these kinds only: file, postgresql, zookeeper.",
            HelpName = "KIND",
            AllowMultipleArgumentsPerToken = true,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON line per figure instead of the table." };
        var quick = new Option<bool>("--quick") { Description = "Try all loads for a moment only: the values say nothing." };
        only.AcceptOnlyFromAmong([.. JournalContestants.All.Select(static entrant => entrant.Name)]);
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--rounds must be at least 1.");
        });

        var command = new Command("journal", "Measures journals in files, in PostgreSQL and in ZooKeeper: appended events per second, and the time to replay.")
        {
            rounds, directory, only, json, quick,
        };
        command.SetAction((args, cancellationToken) =>
        {
            var kinds = args.GetValue(only) is { Length: > 0 } named
                ? JournalContestants.All.Where(entrant => named.Contains(entrant.Name))
                : JournalContestants.All;
            var pace = args.GetValue(quick)
                ? new JournalPace(args.GetValue(rounds), TimeSpan.FromMilliseconds(50), LargeReplay: 1_000)
                : new JournalPace(args.GetValue(rounds), TimeSpan.FromSeconds(2), LargeReplay: 100_000);
            return RunAsync([.. kinds], args.GetValue(directory)!, args.GetValue(json), pace, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<JournalEntrant> entrants, string directory, bool json, JournalPace pace, CancellationToken cancellationToken)
    {
        var (figures, missing) = (new List<Figure>(), new List<string>());
        var own = Path.Combine(directory, $"sparkish-journal-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(own);
            foreach (var entrant in entrants)
            {
                if (entrant.WhyMissing() is { } reason)
                {
                    missing.Add($"journal.{entrant.Name}.* is missing: {reason}");
                    continue;
                }

                await Console.Error.WriteLineAsync($"journal.{entrant.Name}: {pace.Rounds} rounds");
                await using var contestant = await entrant.StartAsync(own, cancellationToken);
                var more = await new JournalContest(entrant.Name, contestant, own, pace).RunAsync(figures, cancellationToken);
                figures.AddRange(more);
                if (!json) continue;
                foreach (var figure in more) Console.WriteLine(figure.ToJsonLine());
            }

            if (!json && figures.Count > 0) RpcTable.Print(AnsiConsole.Console, figures, JournalGoals.Of);
            foreach (var line in missing) await (json ? Console.Error : Console.Out).WriteLineAsync(line);
            return 0;
        }
        catch (SparkException e)
        {
            await Console.Error.WriteLineAsync($"journal: {e.Message}");
            return 1;
        }
        finally
        {
            if (Directory.Exists(own)) Directory.Delete(own, recursive: true);
        }
    }
}
