using System.CommandLine;
using Sparkish.Deploy;
using Sparkish.Deploy.Submission;

namespace Sparkish.Cli;

/// <summary><c>sparkish status</c>: prints the workers, applications and drivers of a cluster, once or again and again.</summary>
internal static class StatusCommand
{
    private const int MaxSeconds = 3600;
    private const string ClearScreen = "\e[H\e[2J";

    // Someone who looks at a cluster wants to hear soon that it has no leader.
    private static readonly TimeSpan LeaderTimeout = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var json = new Option<bool>("--json") { Description = "Prints one line of JSON, with the names of Spark's master page." };
        var watch = SharedOptions.WholeNumber("--watch", "-w", 1, MaxSeconds, "Prints the state again every SECONDS, 2 unless given, until Ctrl-C.", "SECONDS");
        watch.Arity = ArgumentArity.ZeroOrOne;
        watch.DefaultValueFactory = static _ => 2;
        var command = new Command("status", "Prints the workers, applications and drivers of a cluster.") { json, watch };
        command.SetAction((parsed, cancellationToken) => cluster.WithClientAsync(
            parsed,
            client => parsed.GetResult(watch) is { Implicit: false }
                ? WatchAsync(client, parsed.GetValue(json), TimeSpan.FromSeconds(parsed.GetValue(watch)))
                : PrintAsync(client, parsed.GetValue(json), cancellationToken),
            LeaderTimeout));
        return cluster.AddTo(command);
    }

    private static async Task<int> PrintAsync(SubmissionClient client, bool asJson, CancellationToken cancellationToken)
    {
        var state = await client.GetStateAsync(cancellationToken);
        await Console.Out.WriteAsync(Format(state, asJson));
        return CliErrors.Success;
    }

    private static async Task<int> WatchAsync(SubmissionClient client, bool asJson, TimeSpan interval)
    {
        using var signals = new StopSignals(Timeout.InfiniteTimeSpan);
        while (!signals.Requested.IsCompleted)
        {
            try
            {
                var text = Format(await client.GetStateAsync(signals.Token), asJson);
                await Console.Out.WriteAsync(asJson || Console.IsOutputRedirected ? text : ClearScreen + text);
            }
            catch (SparkException error)
            {
                CliErrors.Say(error.Message); // the next leader is on its way
            }
            catch (OperationCanceledException) when (signals.Requested.IsCompleted)
            {
                break;
            }

            await Task.WhenAny(signals.Requested, Task.Delay(interval));
            if (!asJson && Console.IsOutputRedirected) await Console.Out.WriteLineAsync();
        }

        return CliErrors.Success;
    }

    private static string Format(MasterStateResponse state, bool asJson) =>
        asJson ? ClusterJson.Of(state, TimeProvider.System.GetUtcNow()) : ClusterTables.Of(state, TimeProvider.System.GetUtcNow());
}
