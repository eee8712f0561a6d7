namespace Sparkish.Executor;

/// <summary>The arguments that a cluster manager passes to a starting executor.</summary>
/// <param name="DriverUrl">The driver's endpoint, as <c>spark://CoarseGrainedScheduler@host:port</c>.</param>
/// <param name="ExecutorId">The executor's id within the application, such as <c>0</c>.</param>
/// <param name="Host">The address the executor binds to and advertises.</param>
/// <param name="Cores">Number of concurrent tasks.</param>
/// <param name="AppId">The application.</param>
/// <param name="WorkerUrl">The endpoint of the worker with which the executor stops, or null.</param>
/// <param name="WorkDirectory">The directory of the executor's files; created and removed by its launcher.</param>
public sealed record ExecutorArguments(
    string DriverUrl, string ExecutorId, string Host, int Cores, string AppId, string? WorkerUrl, string WorkDirectory)
{
    private static readonly Dictionary<string, IReadOnlyList<string>> NoResources = new(StringComparer.Ordinal);

    /// <summary>The directory of applications' assemblies, shared by all executors of a worker.</summary>
    public required string AssemblyCacheDirectory { get; init; }

    /// <summary>The settings that the executor needs before it connects to its driver: those of its connections.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The units of custom resources that the executor may use: their addresses by the names of the resources.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Resources { get; init; } = NoResources;

    /// <summary>
    /// The application's secret, which the executor proves to its driver, to other executors and to its worker, and requires of all peers. It is empty if the
    /// cluster gives none and the settings decide.
    /// </summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>Whether connections are encrypted without certificates, like those of the rest of the cluster.</summary>
    public bool Encrypts { get; init; }

    /// <summary>The settings that open something: never on a command line, in a log or sent to anybody.</summary>
    public IReadOnlyDictionary<string, string> Credentials { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the application's own assemblies are those of this process, as in a local cluster, and need not be fetched.</summary>
    public bool InDriverProcess { get; init; }
}
