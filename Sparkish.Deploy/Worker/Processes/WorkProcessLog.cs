using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Worker.Processes;

/// <summary>Log events of processes that outlive their executor, driver or worker: 3280 to 3289.</summary>
internal static partial class WorkProcessLog
{
    [LoggerMessage(3281, LogLevel.Warning, "Process {Pid} in {Directory} outlived its executor or driver and was killed")]
    public static partial void RestKilled(this ILogger log, int pid, string directory);

    [LoggerMessage(3282, LogLevel.Warning, "Process {Pid} in {Directory} outlived its worker and is ended")]
    public static partial void OrphanFound(this ILogger log, int pid, string directory);

    [LoggerMessage(3283, LogLevel.Error, "Process {Pid} in {Directory} outlived its worker and cannot be ended: end it, since it uses memory that this worker offers")]
    public static partial void OrphanRemains(this ILogger log, int pid, string directory);
}
