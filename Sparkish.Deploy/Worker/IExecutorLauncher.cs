namespace Sparkish.Deploy.Worker;

/// <summary>Starts executors: as processes, or inside this one. Disposal ends all that run and waits for them.</summary>
internal interface IExecutorLauncher : IAsyncDisposable
{
    /// <summary>Starts an executor; returns at once.</summary>
    /// <param name="launch">What to start.</param>
    /// <param name="onStarted">Called once it runs, from any thread.</param>
    IExecutorRun Launch(ExecutorLaunch launch, Action onStarted);
}

/// <summary>An executor that was started.</summary>
internal interface IExecutorRun
{
    /// <summary>Its exit status once it has ended and nothing of it is left; fails when it could not be started.</summary>
    Task<int> Completion { get; }

    /// <summary>Where its stdout and stderr are; null if they are not kept.</summary>
    string? OutputDirectory { get; }

    /// <summary>Completes with the reason when some of its output is lost for the first time; never, if none is.</summary>
    Task<string> OutputLost { get; }

    /// <summary>Ends it: politely, then for good. Returns at once; twice is harmless.</summary>
    void Kill();
}

/// <summary>What a worker asks of a launcher.</summary>
/// <param name="Key">The executor.</param>
/// <param name="Cores">How many tasks it runs at once.</param>
/// <param name="MemoryMiB">Its heap limit.</param>
/// <param name="DriverUrl">Where it registers.</param>
/// <param name="Host">The address it binds to.</param>
/// <param name="WorkerUrl">The endpoint of the worker that starts it.</param>
internal sealed record ExecutorLaunch(ExecutorKey Key, int Cores, int MemoryMiB, string DriverUrl, string Host, string WorkerUrl)
{
    /// <summary>What it proves to its driver and to other executors.</summary>
    public required ApplicationSecret Secret { get; init; }

    /// <summary>What it needs to know before it has met its driver.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The environment variables of the worker that it gets besides those that programs need to run.</summary>
    public string InheritedVariables { get; init; } = "";
}
