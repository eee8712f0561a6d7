namespace Sparkish.Executor;

/// <summary>What a cluster manager tells an executor at its start.</summary>
/// <param name="DriverUrl">The driver's endpoint, as <c>spark://CoarseGrainedScheduler@host:port</c>.</param>
/// <param name="ExecutorId">The executor's id within the application, such as <c>0</c>.</param>
/// <param name="Host">The address the executor binds to and advertises.</param>
/// <param name="Cores">How many tasks run at once.</param>
/// <param name="AppId">The application.</param>
/// <param name="WorkerUrl">The endpoint of the worker whose fate the executor shares, or null.</param>
/// <param name="WorkDirectory">Where the executor keeps its files; created and removed by its launcher.</param>
public sealed record ExecutorArguments(
    string DriverUrl, string ExecutorId, string Host, int Cores, string AppId, string? WorkerUrl, string WorkDirectory)
{
    /// <summary>Where assemblies of applications are kept for all executors of a worker.</summary>
    public required string AssemblyCacheDirectory { get; init; }

    /// <summary>What the executor needs to know before it has met its driver: settings of its connections.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// The application's secret, which the executor proves to its driver, to other executors and to its worker, and asks of all that connect; empty where
    /// the cluster gives none and the settings say what is proven.
    /// </summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>Whether connections are encrypted where there are no certificates, as those of the rest of the cluster are.</summary>
    public bool Encrypts { get; init; }

    /// <summary>The settings that open something: never on a command line, in a log or sent to anybody.</summary>
    public IReadOnlyDictionary<string, string> Credentials { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the application's own assemblies are those of this process, as in a local cluster, and need not be fetched.</summary>
    public bool InDriverProcess { get; init; }
}
