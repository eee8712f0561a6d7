using Microsoft.Extensions.Logging;

namespace Sparkish.Tasks;

internal static partial class TasksLog
{
    [LoggerMessage(2101, LogLevel.Warning,
        "Waiting tasks cannot run on {Cores} executor cores. Check that workers are registered with the master and have the cores and memory set by spark.executor.cores and spark.executor.memory")]
    public static partial void Starving(this ILogger log, int cores);
}
