using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Worker.Output;
using Sparkish.Deploy.Worker.Processes;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>The wrapper of a driver, as a process: its output goes to files, and its standard input ends with the worker.</summary>
internal sealed class DriverProcess : IDriverProcess
{
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    private readonly DriverId _id;
    private readonly string _directory;
    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    private DriverProcess(DriverId id, string directory, Process process, ExecutorOutput stdout, ExecutorOutput stderr, TimeProvider time, ILogger log)
    {
        (_id, _directory, _process, _time, _log) = (id, directory, process, time, log);
        Exited = RunAsync(stdout, stderr);
    }

    public Task<int> Exited { get; }

    /// <summary>Starts a process, and hands its program and settings over.</summary>
    public static async Task<DriverProcess> StartAsync(
        DriverId id, string directory, ProcessStartInfo start, DriverHandOver handOver, OutputOptions output, TimeProvider time, ILogger log)
    {
        var lost = 0;
        var stdout = OpenLog("stdout");
        var stderr = OpenLog("stderr");
        try
        {
            await WriteHeaderAsync(stderr, start, handOver).ConfigureAwait(false);
            var process = Process.Start(start) ?? throw new SparkException($"'{start.FileName}' did not start a process.");
            await HandOverAsync(process.StandardInput, handOver, id, log).ConfigureAwait(false);
            log.DriverProcessStarted(id, process.Id, directory);
            return new DriverProcess(id, directory, process, stdout, stderr, time, log);
        }
        catch
        {
            await stdout.DisposeAsync().ConfigureAwait(false);
            await stderr.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        ExecutorOutput OpenLog(string name) => new(Path.Combine(directory, name), output, time, OnCutOff) { Appends = true };

        void OnCutOff(string reason)
        {
            if (Interlocked.Exchange(ref lost, 1) == 0) log.DriverOutputCutOff(id, reason);
        }
    }

    public void Terminate() => Act(UnixSignals.Terminate);

    public void Kill() => Act(static process => process.Kill(entireProcessTree: true));

    private void Act(Action<Process> action)
    {
        try
        {
            action(_process);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    private async Task<int> RunAsync(ExecutorOutput stdout, ExecutorOutput stderr)
    {
        await using var stdoutClosed = stdout.ConfigureAwait(false);
        await using var stderrClosed = stderr.ConfigureAwait(false);
        using var ended = _process;
        using var streams = new RedirectedStreams(_process);
        var output = Task.WhenAll(stdout.CopyAsync(_process.StandardOutput.BaseStream), stderr.CopyAsync(_process.StandardError.BaseStream));
        await _process.WaitForExitAsync().ConfigureAwait(false);
        WorkProcesses.KillRest(_directory, _log);
        try
        {
            await output.WaitAsync(OutputGrace, _time).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or TimeoutException)
        {
            _log.DriverOutputCutOff(_id, error.Message);
        }

        return _process.ExitCode;
    }

    // The input stays open: its end tells the wrapper that this process has ended.
    private static async Task HandOverAsync(StreamWriter input, DriverHandOver handOver, DriverId id, ILogger log)
    {
        try
        {
            await input.WriteLineAsync(handOver.Format()).ConfigureAwait(false);
            await input.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException error)
        {
            log.DriverSettingsNotTaken(id, error.Message); // it has exited already, and its exit status gives the reason
        }
    }

    private static async Task WriteHeaderAsync(ExecutorOutput stderr, ProcessStartInfo start, DriverHandOver handOver)
    {
        var words = start.ArgumentList.Prepend(start.FileName).Append(handOver.Program).Concat(handOver.Arguments);
        var header = $"Launch Command: {string.Join(' ', words.Select(static word => $"\"{CommandText.Shown(word)}\""))}\n{new string('=', 40)}\n\n";
        await stderr.WriteAsync(System.Text.Encoding.UTF8.GetBytes(header)).ConfigureAwait(false);
    }
}
