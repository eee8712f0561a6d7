namespace Sparkish.Deploy;

/// <summary>The request of an application to the cluster.</summary>
/// <param name="Name">Name of the application, for display.</param>
/// <param name="User">The user who runs it, for display.</param>
/// <param name="DriverUrl">The address at which its executors register, as <c>spark://CoarseGrainedScheduler@host:port</c>.</param>
/// <param name="MaxCores">The most cores over all executors; the master's default when null.</param>
/// <param name="CoresPerExecutor">The cores of each executor; if null, each worker runs one executor with all the cores it allots.</param>
/// <param name="MemoryPerExecutorMiB">The heap of each executor.</param>
/// <param name="ExecutorSettings">
/// The settings that executors need before they connect to their driver, see <see cref="Sparkish.Executor.StartupSettings"/>.
/// </param>
internal sealed record ApplicationDescription(
    string Name, string User, string DriverUrl, int? MaxCores, int? CoresPerExecutor, int MemoryPerExecutorMiB,
    IReadOnlyDictionary<string, string> ExecutorSettings)
{
    /// <summary>The most executors until the application requests another number; null for no limit, 0 with dynamic allocation.</summary>
    public int? InitialExecutorLimit { get; init; }

    /// <summary>The custom resources of each executor; null for none.</summary>
    public ResourceRequirement[]? Resources { get; init; }

    /// <summary>The approximate number of characters that a master keeps of it.</summary>
    public long Chars => Name.Length + User.Length + DriverUrl.Length + DeployRules.CharsOf(ExecutorSettings);
}
