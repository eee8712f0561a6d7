namespace Sparkish.Deploy.Worker;

/// <summary>The executors that a launcher has running: kept until they end, ended when the launcher is disposed of. Safe for all threads.</summary>
internal sealed class RunningExecutors
{
    private readonly Lock _lock = new();
    private readonly HashSet<IExecutorRun> _running = [];
    private bool _stopped;

    /// <summary>Keeps an executor until it ends.</summary>
    public IExecutorRun Add(IExecutorRun run)
    {
        bool tooLate;
        lock (_lock)
        {
            _running.Add(run);
            tooLate = _stopped;
        }

        _ = run.Completion.ContinueWith(_ => Remove(run), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (tooLate) run.Kill();
        return run;
    }

    /// <summary>The directories of those that run.</summary>
    public IReadOnlyCollection<string> Directories()
    {
        lock (_lock) return [.. _running.Select(static run => run.OutputDirectory).OfType<string>()];
    }

    /// <summary>Ends all executors, and those that come later; completes when they have ended.</summary>
    public async Task StopAsync()
    {
        IExecutorRun[] runs;
        lock (_lock)
        {
            _stopped = true;
            runs = [.. _running];
        }

        foreach (var run in runs) run.Kill();

        // How each ended, or why it failed to start, is reported to the worker by the task that awaits it there.
        await ((Task)Task.WhenAll(runs.Select(run => run.Completion))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Remove(IExecutorRun run)
    {
        lock (_lock) _running.Remove(run);
    }
}
