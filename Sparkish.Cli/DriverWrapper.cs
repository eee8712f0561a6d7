using System.Diagnostics;
using System.Text.Json;
using Sparkish.Configuration;
using Sparkish.Deploy;
using Sparkish.Deploy.Worker;
using Sparkish.Deploy.Worker.Drivers;
using Sparkish.Deploy.Worker.Processes;

namespace Sparkish.Cli;

/// <summary>
/// The program that a worker starts for a driver in cluster mode: it runs the application as its child, and ends it when the worker ends in any way. It gets
/// program and settings from its standard input, and notices the end of the worker by the end of that input.
/// </summary>
internal static class DriverWrapper
{
    public const string Name = ExecutorHost.DriverCommand;

    private const int WorkerLost = 255; // Spark's exit status -1

    // The driver may run again on another worker soon.
    private static readonly TimeSpan GraceAfterWorker = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync()
    {
        // The limit of a stop is the worker's.
        using var signals = new StopSignals(Timeout.InfiniteTimeSpan);
        using var input = new StreamReader(Console.OpenStandardInput());
        try
        {
            var handOver = DriverHandOver.Parse(await input.ReadLineAsync());
            using var child = Start(handOver);
            await HandOverAsync(child.StandardInput, handOver);
            return await WaitAsync(child, signals.Requested, input.ReadToEndAsync());
        }
        catch (SparkException error)
        {
            CliErrors.Say(error.Message);
            return CliErrors.Usage;
        }
    }

    private static Process Start(DriverHandOver handOver)
    {
        var start = new ProcessStartInfo(DotnetHost.Path, ["exec", ApplicationProcess.AssemblyOf(handOver.Program), .. handOver.Arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in handOver.Environment) start.Environment[name] = value;
        start.Environment[SubmittedSettings.Variable] = SubmittedSettings.OnStandardInput;
        return Process.Start(start) ?? throw new SparkException($"'{DotnetHost.Path}' could not be started.");
    }

    private static async Task HandOverAsync(StreamWriter input, DriverHandOver handOver)
    {
        try
        {
            await input.WriteLineAsync(JsonSerializer.Serialize(handOver.Settings));
            input.Close();
        }
        catch (IOException)
        {
            // A program without settings may end at once; its exit status tells the rest.
        }
    }

    private static async Task<int> WaitAsync(Process child, Task stopRequested, Task workerEnded)
    {
        var exited = child.WaitForExitAsync();
        var first = await Task.WhenAny(exited, stopRequested, workerEnded);
        if (first == stopRequested)
        {
            UnixSignals.Terminate(child);
            first = await Task.WhenAny(exited, workerEnded);
        }

        if (first != workerEnded) return child.ExitCode;
        UnixSignals.Terminate(child);
        if (await Task.WhenAny(exited, Task.Delay(GraceAfterWorker)) != exited) child.Kill(entireProcessTree: true);
        await child.WaitForExitAsync();
        return WorkerLost;
    }
}
