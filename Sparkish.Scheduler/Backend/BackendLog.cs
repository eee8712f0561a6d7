using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Backend;

internal static partial class BackendLog
{
    [LoggerMessage(2301, LogLevel.Information, "Executor {ExecutorId} at {Address} registered with {Cores} cores")]
    public static partial void ExecutorRegistered(this ILogger log, string executorId, RpcAddress address, int cores);

    [LoggerMessage(2304, LogLevel.Warning, "Refused {Message} of {Peer}: {Problem}{LeftOut}")]
    public static partial void MessageRefused(this ILogger log, string message, string peer, string problem, string leftOut);

    [LoggerMessage(2305, LogLevel.Information, "Executor {ExecutorId} gets no further task: {Reason}")]
    public static partial void ExecutorDecommissioned(this ILogger log, string executorId, string reason);

    [LoggerMessage(2306, LogLevel.Warning,
        "Executor {ExecutorId} still ran tasks {Timeout} after its worker was decommissioned (spark.executor.decommission.forceKillTimeout) and was stopped")]
    public static partial void DecommissionTimedOut(this ILogger log, string executorId, TimeSpan timeout);

    [LoggerMessage(2302, LogLevel.Debug, "Could not tell all executors to stop")]
    public static partial void StopIncomplete(this ILogger log, Exception error);

    [LoggerMessage(2303, LogLevel.Warning, "Tasks use the default settings of culture '{Culture}': {Reason}")]
    public static partial void TasksHaveAnotherCulture(this ILogger log, string culture, string reason);

    [LoggerMessage(2304, LogLevel.Debug, "Ignored the end of task {TaskId}, reported for executor {ExecutorId} by {Peer}: that executor does not run it")]
    public static partial void StatusUpdateIgnored(this ILogger log, long taskId, string executorId, RpcPeer peer);
}
