using System.ComponentModel;
using System.Diagnostics;

namespace Sparkish.Benchmarks.Comparing;

/// <summary>Programs that this one starts.</summary>
internal static class ChildProcess
{
    /// <summary>Runs a program to its end, with settings of the environment added to ours, and returns the lines of its standard output.</summary>
    /// <exception cref="SparkException">The program is not there, its exit status is not 0, or it took longer than <paramref name="limit"/>.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(string what, string fileName, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(fileName, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment) start.Environment[key] = value;
        using var process = Start(what, start);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);

        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await Task.WhenAll(output, errors, process.WaitForExitAsync(deadline.Token));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SparkException($"{what} did not end within {limit.TotalSeconds:F0} s and was killed.", e);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        if (process.ExitCode == 0) return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        throw new SparkException($"{what} ended with exit status {process.ExitCode}: {(await errors).Trim()}");
    }

    /// <summary>Starts a program.</summary>
    /// <exception cref="SparkException">It is not there or may not be run.</exception>
    public static Process Start(string what, ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new SparkException($"{what} could not be started: {e.Message}", e);
        }
    }
}
