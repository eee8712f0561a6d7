namespace Sparkish.Deploy.Worker;

/// <summary>Starts executors: as processes, or inside this one. Disposal stops all running ones and waits for them.</summary>
internal interface IExecutorLauncher : IAsyncDisposable
{
    /// <summary>Starts an executor; returns at once.</summary>
    /// <param name="launch">The executor to start.</param>
    /// <param name="onStarted">Called once it runs, from any thread.</param>
    IExecutorRun Launch(ExecutorLaunch launch, Action onStarted);
}

/// <summary>An executor that was started.</summary>
internal interface IExecutorRun
{
    /// <summary>Completes with its exit status once it has ended and is cleaned up; fails if it could not be started.</summary>
    Task<int> Completion { get; }

    /// <summary>The directory of its stdout and stderr; null if they are not stored.</summary>
    string? OutputDirectory { get; }

    /// <summary>Completes with the reason when some of its output is lost for the first time.</summary>
    Task<string> OutputLost { get; }

    /// <summary>Stops it: by a request, then by force. Returns at once; calling it twice is harmless.</summary>
    void Kill();
}

/// <summary>A worker's request to a launcher.</summary>
/// <param name="Key">The executor.</param>
/// <param name="Cores">Number of concurrent tasks.</param>
/// <param name="MemoryMiB">Its heap limit.</param>
/// <param name="DriverUrl">The address of its driver.</param>
/// <param name="Host">The address it binds to.</param>
/// <param name="WorkerUrl">The endpoint of the worker that starts it.</param>
internal sealed record ExecutorLaunch(ExecutorKey Key, int Cores, int MemoryMiB, string DriverUrl, string Host, string WorkerUrl)
{
    /// <summary>The secret that it proves to its driver and to other executors.</summary>
    public required ApplicationSecret Secret { get; init; }

    /// <summary>The settings that it needs before it connects to its driver.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The units of custom resources that it may use.</summary>
    public ResourceInformation[] Resources { get; init; } = [];

    /// <summary>The addresses of these units by the names of the resources.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Addresses =>
        Resources.ToDictionary(static resource => resource.Name, static resource => (IReadOnlyList<string>)resource.Addresses, StringComparer.Ordinal);

    /// <summary>The environment variables that it inherits from the worker besides those that programs need to run.</summary>
    public string InheritedVariables { get; init; } = "";
}
