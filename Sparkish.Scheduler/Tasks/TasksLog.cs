using Microsoft.Extensions.Logging;

namespace Sparkish.Tasks;

internal static partial class TasksLog
{
    [LoggerMessage(2101, LogLevel.Warning,
        "Tasks wait and none runs, on {Cores} cores of executors. Check that workers are registered with the master and have the cores and memory that spark.executor.cores and spark.executor.memory ask for")]
    public static partial void Starving(this ILogger log, int cores);
}
