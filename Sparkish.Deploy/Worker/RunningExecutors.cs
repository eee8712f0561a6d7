namespace Sparkish.Deploy.Worker;

/// <summary>The running executors of a launcher: tracked until they end, stopped when the launcher is disposed. Thread-safe.</summary>
internal sealed class RunningExecutors
{
    private readonly Lock _lock = new();
    private readonly HashSet<IExecutorRun> _running = [];
    private bool _stopped;

    /// <summary>Tracks an executor until it ends.</summary>
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

    /// <summary>Stops all executors, including those that start later; completes when they have ended.</summary>
    public async Task StopAsync()
    {
        IExecutorRun[] runs;
        lock (_lock)
        {
            _stopped = true;
            runs = [.. _running];
        }

        foreach (var run in runs) run.Kill();

        // The task that awaits an executor reports its end, or its failed start, to the worker.
        await ((Task)Task.WhenAll(runs.Select(run => run.Completion))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Remove(IExecutorRun run)
    {
        lock (_lock) _running.Remove(run);
    }
}
