using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Worker.Storage;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>Starts drivers as processes, each in <c>&lt;work&gt;/&lt;driver&gt;/</c>.</summary>
internal sealed class ProcessDriverLauncher(DriverHost host, string workDirectory, TimeProvider time, ILoggerFactory loggers) : IDriverLauncher
{
    private readonly Lock _lock = new();
    private readonly HashSet<DriverRunner> _running = [];
    private readonly string _work = Path.GetFullPath(workDirectory);
    private readonly ILogger _log = loggers.CreateLogger<ProcessDriverLauncher>();
    private bool _stopped;

    /// <summary>The directories in which something runs.</summary>
    public DirectoriesInUse InUse { get; init; } = new();

    public IDriverRun Launch(DriverLaunch launch)
    {
        var directory = Path.Combine(_work, launch.Id.Value);
        var use = InUse.Enter(directory);
        var run = new DriverRunner(
            launch.Id, launch.Description.Supervise, new DriverProgram(launch, directory, host, time, _log), host.TerminateTimeout, time, _log);
        bool tooLate;
        lock (_lock)
        {
            _running.Add(run);
            tooLate = _stopped;
        }

        _ = run.Completion.ContinueWith(_ => Remove(run, use), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (tooLate) run.Kill();
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        DriverRunner[] runs;
        lock (_lock)
        {
            _stopped = true;
            runs = [.. _running];
        }

        foreach (var run in runs) run.Kill();

        // The task that awaits a driver reports its end, or its failed start, to the worker.
        await ((Task)Task.WhenAll(runs.Select(static run => run.Completion))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Remove(DriverRunner run, IDisposable use)
    {
        use.Dispose();
        lock (_lock) _running.Remove(run);
    }
}
