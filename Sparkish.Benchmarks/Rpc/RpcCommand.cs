using System.CommandLine;
using System.Globalization;
using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Rpc.Measuring;
using Sparkish.Benchmarks.Rpc.Micro;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Benchmarks.Rpc.Peer;
using Spectre.Console;

namespace Sparkish.Benchmarks.Rpc;

/// <summary><c>rpc</c>: measures the actor framework, in this process and between two, against bare sockets of the same run and against Spark's RPC.</summary>
internal static class RpcCommand
{
    private const string SparkSuffix = ".spark";

    public static Command Create()
    {
        var peer = new Option<string>("--peer")
        {
            Description = "The 'run' script of real Spark, whose own RPC is then measured too; or 'akka', to measure Sparkish on Akka.NET, Akka.Remote and Orleans.",
            HelpName = "RUN|akka",
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often each side runs; figures are medians.",
            HelpName = "N",
            DefaultValueFactory = _ => 5,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON line per figure instead of the table." };
        var only = new Option<string[]>("--only")
        {
            Description = "Only these figures, such as 'local.tell' or 'remote.ask'; others that come from the same load are printed too.",
            HelpName = "NAMES",
            AllowMultipleArgumentsPerToken = true,
        };
        var noTls = new Option<bool>("--no-tls") { Description = "Leave out what is measured over authenticated and encrypted connections." };
        var quick = new Option<bool>("--quick") { Description = "Try all loads for a moment only: the values say nothing." };
        var micro = new Option<bool>("--micro") { Description = "Run the microbenchmarks (BenchmarkDotNet) instead." };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--rounds must be at least 1.");
        });

        var command = new Command("rpc", "Measures the actor framework: messages, asks, streams and idle endpoints, in one process and between two.")
        {
            peer, rounds, json, only, noTls, quick, micro, ServeCommand.Create(),
        };
        command.SetAction((args, cancellationToken) =>
        {
            if (args.GetValue(micro)) return Task.FromResult(MicroBenchmarks.Run(Console.Out, args.GetValue(quick)));
            if (args.GetValue(peer) is ActorPeers.Name)
            {
                string[] same = [
                    .. Flag(json), .. Flag(noTls), .. Flag(quick), rounds.Name, args.GetValue(rounds).ToString(CultureInfo.InvariantCulture),
                    .. args.GetValue(only) is { Length: > 0 } names ? [only.Name, .. names] : Array.Empty<string>()];
                return ActorPeers.RunAsync(same, Console.Error, cancellationToken);
            }

            var settings = args.GetValue(quick) ? RpcSettings.Quick(args.GetValue(rounds)) : RpcSettings.Full(args.GetValue(rounds));
            var selection = new FigureSelection(args.GetValue(only) ?? []);
            return RunAsync(args.GetValue(peer), args.GetValue(json), selection, secured: !args.GetValue(noTls), settings, cancellationToken);

            string[] Flag(Option<bool> option) => args.GetValue(option) ? [option.Name] : [];
        });
        return command;
    }

    private static async Task<int> RunAsync(
        string? run, bool json, FigureSelection selection, bool secured, RpcSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            var peer = run is null ? null : new SparkRpcPeer(BenchSide.Peer(run));
            var figures = await MeasureAsync(peer, selection, secured, settings, json ? Print : null, cancellationToken);
            if (!json) RpcTable.Print(AnsiConsole.Console, figures);
            return 0;
        }
        catch (FileNotFoundException e)
        {
            await Console.Error.WriteLineAsync($"rpc: {e.Message}");
            return 2;
        }
        catch (SparkException e)
        {
            await Console.Error.WriteLineAsync($"rpc: {e.Message}");
            return 1;
        }
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(SparkRpcPeer? peer, FigureSelection selection, bool secured, RpcSettings settings,
        Action<IReadOnlyList<Figure>>? report, CancellationToken cancellationToken)
    {
        await using var pair = await ProcessPair.StartAsync(secured, cancellationToken);
        Contest[] contests = [.. RpcContests.All(pair, settings).Where(selection.Includes)];
        if (contests.Length == 0) throw new SparkException($"No figure is called {selection}: leave --only out to see all names.");

        // Spark's program runs all its loads in one go; once before and once after ours, so that both see the same minutes of the machine.
        var peerRuns = new List<IReadOnlyList<string>>();
        if (peer is not null) peerRuns.Add(await RunPeerAsync(peer, cancellationToken));

        var figures = new List<Figure>();
        foreach (var contest in contests) Add(await ContestRunner.RunAsync(contest, settings.Pace, Console.Error, cancellationToken));

        if (peer is null) return figures;
        peerRuns.Add(await RunPeerAsync(peer, cancellationToken));
        Add(ContestRunner.Against(peer.Name, SparkRpcReadings.Parse(peer.Name, peerRuns), SparkSuffix, figures));
        return figures;

        void Add(IReadOnlyList<Figure> more)
        {
            figures.AddRange(more);
            report?.Invoke(more);
        }
    }

    private static async Task<IReadOnlyList<string>> RunPeerAsync(SparkRpcPeer peer, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"{peer.Name}: all its loads");
        return await peer.RunAsync(cancellationToken);
    }

    private static void Print(IReadOnlyList<Figure> figures)
    {
        foreach (var figure in figures) Console.WriteLine(figure.ToJsonLine());
    }
}
