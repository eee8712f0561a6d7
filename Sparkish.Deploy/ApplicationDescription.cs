namespace Sparkish.Deploy;

/// <summary>What an application asks of the cluster.</summary>
/// <param name="Name">Name of the application, for display.</param>
/// <param name="User">Who runs it, for people.</param>
/// <param name="DriverUrl">Where its executors register, as <c>spark://CoarseGrainedScheduler@host:port</c>.</param>
/// <param name="MaxCores">The most cores over all executors; the master's default when null.</param>
/// <param name="CoresPerExecutor">The cores of each executor; when null, one executor per worker takes what it gets.</param>
/// <param name="MemoryPerExecutorMiB">The heap of each executor.</param>
/// <param name="ExecutorSettings">What executors need to know before they have met their driver, see <see cref="Sparkish.Executor.StartupSettings"/>.</param>
internal sealed record ApplicationDescription(
    string Name, string User, string DriverUrl, int? MaxCores, int? CoresPerExecutor, int MemoryPerExecutorMiB,
    IReadOnlyDictionary<string, string> ExecutorSettings);
