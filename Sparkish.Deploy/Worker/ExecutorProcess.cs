using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Worker.Output;
using Sparkish.Deploy.Worker.Processes;
using Sparkish.Deploy.Worker.Storage;
using Sparkish.Executor;

namespace Sparkish.Deploy.Worker;

/// <summary>One executor process, from the creation of its directory to the removal of its files.</summary>
internal sealed class ExecutorProcess : IExecutorRun
{
    // An executor stores its data in directories with this prefix in its own directory; it removes them itself unless it dies first.
    internal const string StoragePrefix = "blockmgr-";
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    private readonly ExecutorLaunch _launch;
    private readonly ExecutorHost _host;
    private readonly ExecutorArguments _arguments;
    private readonly OutputOptions _output;
    private readonly TimeSpan _killGrace;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action _onStarted;
    private readonly TaskCompletionSource<string> _outputLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _killRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ExecutorProcess(
        ExecutorLaunch launch, ExecutorHost host, ExecutorArguments arguments, OutputOptions output, TimeSpan killGrace, TimeProvider time, ILogger log,
        Action onStarted)
    {
        (_launch, _host, _arguments, _output, _killGrace, _time, _log, _onStarted) = (launch, host, arguments, output, killGrace, time, log, onStarted);
        Completion = Task.Run(RunAsync);
    }

    public Task<int> Completion { get; }

    public string? OutputDirectory => _arguments.WorkDirectory;

    public Task<string> OutputLost => _outputLost.Task;

    public void Kill() => _killRequested.TrySetResult();

    private async Task<int> RunAsync()
    {
        if (_host.Affinity is not { } affinity) return await RunAsync(_host).ConfigureAwait(false);
        var cpus = affinity.Take(_launch.Cores);
        try
        {
            return await RunAsync(_host.After(affinity.Command(cpus))).ConfigureAwait(false);
        }
        finally
        {
            affinity.Return(cpus);
        }
    }

    private async Task<int> RunAsync(ExecutorHost host)
    {
        WorkDirectories.Claim(_arguments.WorkDirectory);
        var stdout = OpenLog("stdout");
        await using var stdoutClosed = stdout.ConfigureAwait(false);
        var stderr = OpenLog("stderr");
        await using var stderrClosed = stderr.ConfigureAwait(false);

        var start = StartInfo(host);
        await WriteHeaderAsync(stderr, start).ConfigureAwait(false);
        using var process = Process.Start(start) ?? throw new SparkException($"'{start.FileName}' did not start a process.");
        using var streams = new RedirectedStreams(process);
        await HandOverAsync(process.StandardInput).ConfigureAwait(false);
        _log.ExecutorProcessStarted(_launch.Key, process.Id, _arguments.WorkDirectory);
        _onStarted();

        var output = Task.WhenAll(stdout.CopyAsync(process.StandardOutput.BaseStream), stderr.CopyAsync(process.StandardError.BaseStream));
        var exited = process.WaitForExitAsync();
        if (await Task.WhenAny(exited, _killRequested.Task).ConfigureAwait(false) != exited) await EndAsync(process, exited).ConfigureAwait(false);
        await exited.ConfigureAwait(false);
        WorkProcesses.KillRest(_arguments.WorkDirectory, _log);
        await DrainAsync(output).ConfigureAwait(false);
        RemoveStorage();
        return process.ExitCode;
    }

    private ExecutorOutput OpenLog(string name) => new(Path.Combine(_arguments.WorkDirectory, name), _output, _time, LoseOutput);

    private void LoseOutput(string reason)
    {
        if (_outputLost.TrySetResult(reason)) _log.OutputCutOff(_launch.Key, reason);
    }

    private ProcessStartInfo StartInfo(ExecutorHost host)
    {
        var start = new ProcessStartInfo(host.FileName)
        {
            UseShellExecute = false,
            WorkingDirectory = _arguments.WorkDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ExecutorEnvironment.Restrict(start.Environment, _launch.InheritedVariables);
        WorkProcesses.Mark(start.Environment, _arguments.WorkDirectory);
        foreach (var argument in host.Arguments.Concat(ExecutorCommandLine.Format(_arguments))) start.ArgumentList.Add(argument);
        start.Environment["DOTNET_GCHeapHardLimit"] = string.Create(CultureInfo.InvariantCulture, $"0x{(long)_launch.MemoryMiB << 20:X}");
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] =
            ApplicationCulture.WantsInvariantMode(_arguments.Settings) || !CultureLibrary.IsInstalled ? "1" : "0";
        return start;
    }

    /// <summary>Passes the process its secrets through its standard input, which no other process can read.</summary>
    private async Task HandOverAsync(StreamWriter input)
    {
        try
        {
            foreach (var line in ExecutorSecrets.Format(_arguments)) await input.WriteLineAsync(line).ConfigureAwait(false);
            input.Close();
        }
        catch (IOException error)
        {
            _log.SecretsNotTaken(_launch.Key, error.Message); // it has exited already, and its exit status gives the reason
        }
    }

    private static async Task WriteHeaderAsync(ExecutorOutput stderr, ProcessStartInfo start)
    {
        var command = string.Join(' ', start.ArgumentList.Prepend(start.FileName).Select(word => $"\"{CommandText.Shown(word)}\""));
        var header = $"Sparkish Executor Command: {command}\n{new string('=', 40)}\n\n";
        await stderr.WriteAsync(System.Text.Encoding.UTF8.GetBytes(header)).ConfigureAwait(false);
    }

    private async Task EndAsync(Process process, Task exited)
    {
        UnixSignals.Terminate(process);
        using var graceOver = new CancellationTokenSource(_killGrace, _time);
        try
        {
            await exited.WaitAsync(graceOver.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _log.ExecutorKilledForGood(_launch.Key, _killGrace);
            process.Kill(entireProcessTree: true);
        }
    }

    // A child process of the executor may hold its output open; that is no reason to wait for it.
    private async Task DrainAsync(Task output)
    {
        try
        {
            await output.WaitAsync(OutputGrace, _time).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or TimeoutException)
        {
            LoseOutput(error.Message);
        }
    }

    private void RemoveStorage()
    {
        if (!Directory.Exists(_arguments.WorkDirectory)) return;
        foreach (var directory in Directory.EnumerateDirectories(_arguments.WorkDirectory, $"{StoragePrefix}*"))
        {
            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                _log.CleanupFailed(directory, _launch.Key, error.Message);
            }
        }
    }
}
