using System.CommandLine;
using System.Globalization;
using Sparkish.Deploy;
using Sparkish.Deploy.Submission;

namespace Sparkish.Cli;

/// <summary><c>sparkish logs APP EXECUTOR</c>: prints what an executor or a driver has written, from wherever it runs or ran.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var owner = new Argument<string>("APP") { Description = "The application, such as app-20260102030405-0000; or a driver, such as driver-20260102030405-0000." };
        var executor = new Argument<string?>("EXECUTOR") { Description = "The number of the executor; none for a driver.", Arity = ArgumentArity.ZeroOrOne };
        var stderr = new Option<bool>("--stderr") { Description = "Prints standard error instead of standard output." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Continues with what is written next, until Ctrl-C." };
        var command = new Command("logs", "Prints the output of an executor or of a driver in cluster mode.") { owner, executor, stderr, follow };
        command.SetAction((parsed, _) =>
        {
            var source = SourceOf(parsed.GetRequiredValue(owner), parsed.GetValue(executor));
            var stream = parsed.GetValue(stderr) ? LogStream.Stderr : LogStream.Stdout;
            return cluster.WithClientAsync(parsed, client => PrintAsync(client, source, stream, parsed.GetValue(follow)));
        });
        return cluster.AddTo(command);
    }

    private static async Task<int> PrintAsync(SubmissionClient client, LogSource source, LogStream stream, bool follow)
    {
        using var signals = new StopSignals(Timeout.InfiniteTimeSpan);
        await using var output = Console.OpenStandardOutput();
        var request = new RequestLog(source, stream, From: null, Worker: null);
        try
        {
            while (!signals.Requested.IsCompleted)
            {
                var part = await client.ReadLogAsync(request, signals.Token);
                if (part.HasGap) CliErrors.Say($"some output of {source} is missing here: it was removed before it could be read.");
                await output.WriteAsync(part.Data, signals.Token);
                await output.FlushAsync(signals.Token);
                var isAtEnd = part.Data.Length == 0;
                if (isAtEnd && !follow) break;
                request = request with { From = part.Next, Worker = part.Worker };
                if (isAtEnd) await Task.WhenAny(signals.Requested, Task.Delay(Interval));
            }
        }
        catch (OperationCanceledException) when (signals.Requested.IsCompleted)
        {
            // Ctrl-C is how following ends.
        }

        return CliErrors.Success;
    }

    private static LogSource SourceOf(string owner, string? executor)
    {
        if (executor is null)
        {
            var driver = new DriverId(owner);
            return DeployRules.OfDriver(driver) is null ? new LogSource(null, 0, driver) : throw new UsageException(
                $"'{owner}' is not the id of a driver, such as 'driver-20260102030405-0000': give it, or an application and the number of an executor.");
        }

        var app = new Deploy.ApplicationId(owner);
        if (DeployRules.OfApplication(app) is not null)
            throw new UsageException($"'{owner}' is not the id of an application, such as 'app-20260102030405-0000': 'sparkish status' lists them.");
        return int.TryParse(executor, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new LogSource(app, number, null)
            : throw new UsageException($"EXECUTOR is '{executor}' but must be the number of an executor, from 0.");
    }
}
