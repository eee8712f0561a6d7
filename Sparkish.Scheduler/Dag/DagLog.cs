using Microsoft.Extensions.Logging;
using Sparkish.Compute;
using Sparkish.Tasks;

namespace Sparkish.Dag;

internal static partial class DagLog
{
    [LoggerMessage(2001, LogLevel.Debug, "Stage {StageId}.{Attempt} ({Rdd}) submitted with {Tasks} tasks")]
    public static partial void StageSubmitted(this ILogger log, int stageId, int attempt, Lineage rdd, int tasks);

    [LoggerMessage(2002, LogLevel.Debug, "Stage {StageId} finished")]
    public static partial void StageFinished(this ILogger log, int stageId);

    [LoggerMessage(2003, LogLevel.Warning, "Lost {Task} on executor {ExecutorId}: {Reason}")]
    public static partial void TaskFailed(this ILogger log, string task, string executorId, TaskEndReason reason);

    [LoggerMessage(2004, LogLevel.Warning, "Executor {ExecutorId} lost: {Reason}. Its tasks are retried elsewhere and its map outputs are recomputed")]
    public static partial void ExecutorLost(this ILogger log, string executorId, string reason);

    [LoggerMessage(2005, LogLevel.Information, "Stage {StageId} lost outputs while it ran; the missing tasks are retried")]
    public static partial void OutputsLostMeanwhile(this ILogger log, int stageId);

    [LoggerMessage(2006, LogLevel.Debug, "Stage {StageId} was cancelled: {Reason}")]
    public static partial void StageAborted(this ILogger log, int stageId, string reason);

    [LoggerMessage(2008, LogLevel.Warning,
        "Stage {StageId} ({Rdd}) captures {Size} KiB, which each of its {Tasks} tasks reads again; at most {Recommended} KiB are recommended. "
            + "Capture less, or load the data inside the function, once per executor, in a static field")]
    public static partial void LargeCapture(this ILogger log, int stageId, Lineage rdd, long size, int tasks, long recommended);

    [LoggerMessage(2009, LogLevel.Warning,
        "Stage {StageId} ({Rdd}) has a partition of {Size} KiB that is sent with its task; at most {Recommended} KiB are recommended. "
            + "Use more partitions, or read the data from files")]
    public static partial void LargePartition(this ILogger log, int stageId, Lineage rdd, long size, long recommended);

    [LoggerMessage(2007, LogLevel.Debug, "Could not read a task's exception {ClassName}; its text is used instead")]
    public static partial void ExceptionUnreadable(this ILogger log, Exception error, string className);
}
