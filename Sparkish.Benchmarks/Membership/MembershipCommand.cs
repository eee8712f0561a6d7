using System.CommandLine;
using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Rpc;
using Spectre.Console;

namespace Sparkish.Benchmarks.Membership;

/// <summary><c>membership</c>: how soon groups of up to 5,000 nodes see a failure, and what that costs, on virtual time.</summary>
internal static class MembershipCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON line per figure instead of the table." };
        var quick = new Option<bool>("--quick") { Description = "Try all loads for a moment only: the values say little." };
        var command = new Command(
            "membership", "Simulates groups of 3 to 5,000 nodes: time to detection, messages and bytes per node, wrong removals.") { json, quick };
        command.SetAction((args, cancellationToken) => Task.FromResult(Run(args.GetValue(json), args.GetValue(quick), cancellationToken)));
        return command;
    }

    private static int Run(bool json, bool isQuick, CancellationToken cancellationToken)
    {
        try
        {
            var figures = new List<Figure>();
            foreach (var more in MembershipFigures.All(isQuick, cancellationToken))
            {
                figures.AddRange(more);
                if (!json) continue;
                foreach (var figure in more) Console.WriteLine(figure.ToJsonLine());
            }

            if (!json) RpcTable.Print(AnsiConsole.Console, figures, MembershipGoals.Of);
            return 0;
        }
        catch (SparkException e)
        {
            Console.Error.WriteLine($"membership: {e.Message}");
            return 1;
        }
    }
}
