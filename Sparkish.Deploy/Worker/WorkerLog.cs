using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Worker;

/// <summary>Log events of a worker: 3200 to 3279.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(3201, LogLevel.Information, "Worker {Worker} started with {Cores} cores and {MemoryMiB} MiB")]
    public static partial void WorkerStarted(this ILogger log, WorkerId worker, int cores, int memoryMiB);

    [LoggerMessage(3202, LogLevel.Information, "Connecting to master {Masters} (attempt {Attempt} of {MaxAttempts})")]
    public static partial void Registering(this ILogger log, string masters, int attempt, int maxAttempts);

    [LoggerMessage(3203, LogLevel.Information, "Registered with master {Master} in term {Epoch}")]
    public static partial void Registered(this ILogger log, RpcAddress master, MasterEpoch epoch);

    [LoggerMessage(3204, LogLevel.Warning, "Cannot reach {Peer}: {Reason}")]
    public static partial void PeerUnreachable(this ILogger log, RpcAddress peer, string reason);

    [LoggerMessage(3205, LogLevel.Warning, "Master {Master} disconnected; executors continue while this worker waits for it to return")]
    public static partial void MasterLost(this ILogger log, RpcAddress master);

    [LoggerMessage(3206, LogLevel.Warning, "Ignored {Command} for {Executor}: it came from {From}, which is not this worker's master")]
    public static partial void ForeignCommandIgnored(this ILogger log, string command, ExecutorKey executor, string from);

    [LoggerMessage(3207, LogLevel.Information, "Executor {Executor} launched with {Cores} cores and {MemoryMiB} MiB")]
    public static partial void ExecutorLaunching(this ILogger log, ExecutorKey executor, int cores, int memoryMiB);

    [LoggerMessage(3208, LogLevel.Information, "Executor {Executor} is {State}: {Reason}")]
    public static partial void ExecutorEnded(this ILogger log, ExecutorKey executor, ExecutorState state, string reason);

    [LoggerMessage(3209, LogLevel.Information, "Executor {Executor} was asked to stop")]
    public static partial void ExecutorKilling(this ILogger log, ExecutorKey executor);

    [LoggerMessage(3210, LogLevel.Warning, "Executor {Executor} did not stop within {Grace} and was killed")]
    public static partial void ExecutorKilledForGood(this ILogger log, ExecutorKey executor, TimeSpan grace);

    [LoggerMessage(3211, LogLevel.Warning, "Could not report executor {Executor} as {State} to the master (attempt {Attempt}): {Reason}")]
    public static partial void StateSyncFailed(this ILogger log, ExecutorKey executor, ExecutorState state, int attempt, string reason);

    [LoggerMessage(3212, LogLevel.Warning, "Could not remove {Directory}, left behind by executor {Executor}: {Reason}")]
    public static partial void CleanupFailed(this ILogger log, string directory, ExecutorKey executor, string reason);

    [LoggerMessage(3213, LogLevel.Debug, "Executor {Executor} runs as process {Pid} in {Directory}")]
    public static partial void ExecutorProcessStarted(this ILogger log, ExecutorKey executor, int pid, string directory);

    [LoggerMessage(3214, LogLevel.Warning, "Lost output of executor {Executor}: {Reason}")]
    public static partial void OutputCutOff(this ILogger log, ExecutorKey executor, string reason);

    [LoggerMessage(3215, LogLevel.Error, "Worker stopped: {Reason}")]
    public static partial void GaveUp(this ILogger log, string reason);

    [LoggerMessage(3226, LogLevel.Warning, "Refused {Message} of {Peer}: {Problem}{LeftOut}")]
    public static partial void MessageRefused(this ILogger log, string message, string peer, string problem, string leftOut);

    [LoggerMessage(3218, LogLevel.Warning, "Ignored {Command} from {Peer}: it is not this worker's master, which this worker connects to itself")]
    public static partial void StrangersCommandIgnored(this ILogger log, string command, RpcPeer peer);

    [LoggerMessage(3219, LogLevel.Debug, "Executor {Executor} did not accept its secrets: {Reason}")]
    public static partial void SecretsNotTaken(this ILogger log, ExecutorKey executor, string reason);

    [LoggerMessage(3220, LogLevel.Warning, "Refused {Command} of term {Epoch}: this worker follows the leader of term {Current}")]
    public static partial void StaleCommandRefused(this ILogger log, string command, MasterEpoch epoch, MasterEpoch current);

    [LoggerMessage(3221, LogLevel.Information, "Driver {Driver} launched with {Cores} cores and {MemoryMiB} MiB")]
    public static partial void DriverLaunching(this ILogger log, DriverId driver, int cores, int memoryMiB);

    [LoggerMessage(3222, LogLevel.Information, "Driver {Driver} is {State}: {Reason}")]
    public static partial void DriverEnded(this ILogger log, DriverId driver, DriverState state, string? reason);

    [LoggerMessage(3223, LogLevel.Warning, "Could not report driver {Driver} as {State} to the master (attempt {Attempt}): {Reason}")]
    public static partial void DriverSyncFailed(this ILogger log, DriverId driver, DriverState state, int attempt, string reason);

    [LoggerMessage(3224, LogLevel.Information,
        "Worker decommissioned: it takes no new work and leaves after {Executors} executors and {Drivers} drivers have ended")]
    public static partial void Decommissioned(this ILogger log, int executors, int drivers);

    [LoggerMessage(3225, LogLevel.Information, "Worker left the cluster after its decommission")]
    public static partial void LeftAfterDecommission(this ILogger log);
}
