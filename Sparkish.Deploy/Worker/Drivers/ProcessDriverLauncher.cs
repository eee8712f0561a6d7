using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>Starts drivers as processes, each in <c>&lt;work&gt;/&lt;driver&gt;/</c>.</summary>
internal sealed class ProcessDriverLauncher : IDriverLauncher
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DriverRunner> _running = new(StringComparer.Ordinal);
    private readonly DriverHost _host;
    private readonly string _work;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private bool _stopped;

    /// <summary>Creates the launcher, and ends what an earlier life of the worker left behind.</summary>
    public ProcessDriverLauncher(DriverHost host, string workDirectory, TimeProvider time, ILoggerFactory loggers)
    {
        (_host, _work, _time, _log) = (host, Path.GetFullPath(workDirectory), time, loggers.CreateLogger<ProcessDriverLauncher>());
        DriverProcesses.KillOrphans(_work, _log);
    }

    public IDriverRun Launch(DriverLaunch launch)
    {
        var directory = Path.Combine(_work, launch.Id.Value);
        var program = new DriverProgram(launch, directory, _host, _time, _log);
        DriverRunner run;
        bool tooLate;
        lock (_lock)
        {
            run = new DriverRunner(launch.Id, launch.Description.Supervise, program, _host.TerminateTimeout, _time, _log);
            _running[directory] = run;
            tooLate = _stopped;
        }

        _ = run.Completion.ContinueWith(_ => Remove(directory), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (tooLate) run.Kill();
        return run;
    }

    /// <summary>The directories of the drivers that run.</summary>
    public IReadOnlyCollection<string> Directories()
    {
        lock (_lock) return [.. _running.Keys];
    }

    public async ValueTask DisposeAsync()
    {
        DriverRunner[] runs;
        lock (_lock)
        {
            _stopped = true;
            runs = [.. _running.Values];
        }

        foreach (var run in runs) run.Kill();

        // The task that awaits a driver reports its end, or its failed start, to the worker.
        await ((Task)Task.WhenAll(runs.Select(static run => run.Completion))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Remove(string directory)
    {
        lock (_lock) _running.Remove(directory);
    }
}
