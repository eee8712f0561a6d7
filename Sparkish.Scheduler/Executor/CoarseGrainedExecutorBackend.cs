using Microsoft.Extensions.Logging;

namespace Sparkish.Executor;

/// <summary>An executor: registers with its driver, runs the tasks it is sent, ends with its driver or its worker.</summary>
public static class CoarseGrainedExecutorBackend
{
    /// <summary>Runs an executor until the driver stops it, the driver or the worker goes away, or it is cancelled.</summary>
    /// <returns>The exit status of the process: 0 after a stop, 1 when the driver or the worker was lost or refused it.</returns>
    public static Task<int> RunAsync(ExecutorArguments arguments, ILoggerFactory loggers, CancellationToken stop) =>
        Task.FromException<int>(new SparkException("executor"));
}
