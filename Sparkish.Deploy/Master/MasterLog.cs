using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>Log events of a master: 3100 to 3199.</summary>
internal static partial class MasterLog
{
    [LoggerMessage(3101, LogLevel.Information, "Master started at {Url} in term {Term}")]
    public static partial void MasterStarted(this ILogger log, string url, long term);

    [LoggerMessage(3102, LogLevel.Information, "Worker {Worker} registered with {Cores} cores and {MemoryMiB} MiB")]
    public static partial void WorkerRegistered(this ILogger log, WorkerId worker, int cores, int memoryMiB);

    [LoggerMessage(3103, LogLevel.Warning, "Worker {Worker} removed, {Executors} executors lost: {Reason}")]
    public static partial void WorkerLost(this ILogger log, WorkerId worker, int executors, string reason);

    [LoggerMessage(3113, LogLevel.Information, "Worker {Worker} removed: {Reason}")]
    public static partial void WorkerRemoved(this ILogger log, WorkerId worker, string reason);

    [LoggerMessage(3104, LogLevel.Warning, "Unknown worker {Worker} was asked to register again")]
    public static partial void UnknownWorkerReported(this ILogger log, WorkerId worker);

    [LoggerMessage(3105, LogLevel.Information, "Application {App} registered: {Name}, driver at {Driver}")]
    public static partial void ApplicationRegistered(this ILogger log, ApplicationId app, string name, RpcAddress driver);

    [LoggerMessage(3106, LogLevel.Information, "Application {App} ended: {State}")]
    public static partial void ApplicationEnded(this ILogger log, ApplicationId app, ApplicationState state);

    [LoggerMessage(3107, LogLevel.Error, "Application {App} failed: {Reason}")]
    public static partial void ApplicationFailed(this ILogger log, ApplicationId app, string reason);

    [LoggerMessage(3108, LogLevel.Information, "Executor {Executor} launched on {Worker} with {Cores} cores and {MemoryMiB} MiB")]
    public static partial void ExecutorLaunched(this ILogger log, ExecutorKey executor, WorkerId worker, int cores, int memoryMiB);

    [LoggerMessage(3109, LogLevel.Information, "Executor {Executor} is {State}: {Reason}")]
    public static partial void ExecutorEnded(this ILogger log, ExecutorKey executor, ExecutorState state, string? reason);

    [LoggerMessage(3110, LogLevel.Debug, "Executor {Executor} is {State}")]
    public static partial void ExecutorReported(this ILogger log, ExecutorKey executor, ExecutorState state);

    [LoggerMessage(3111, LogLevel.Warning, "Worker {Worker} reported the unknown executor {Executor} and was asked to kill it")]
    public static partial void UnknownExecutorReported(this ILogger log, WorkerId worker, ExecutorKey executor);

    [LoggerMessage(3114, LogLevel.Warning, "Executor {Executor} on {Worker} reported a problem: {Reason}")]
    public static partial void ExecutorTroubled(this ILogger log, ExecutorKey executor, WorkerId worker, string reason);

    [LoggerMessage(3115, LogLevel.Warning, "Refused {Message} of {Peer}: {Problem}{LeftOut}")]
    public static partial void MessageRefused(this ILogger log, string message, string peer, string problem, string leftOut);

    [LoggerMessage(3112, LogLevel.Warning, "Messages to {Peer} were lost: {Reason}")]
    public static partial void PeerUnreachable(this ILogger log, RpcAddress peer, string reason);

    [LoggerMessage(3115, LogLevel.Warning, "Ignored {Message} from {Peer}: it concerns a worker or an application on another node")]
    public static partial void ForeignMessageIgnored(this ILogger log, string message, RpcPeer peer);

    [LoggerMessage(3116, LogLevel.Information, "Leader of term {Epoch}: the journal has no worker and no application to wait for")]
    public static partial void LeadsAtOnce(this ILogger log, MasterEpoch epoch);

    [LoggerMessage(3117, LogLevel.Information, "Leader of term {Epoch}: recovery of {Workers} workers, {Applications} applications and {Drivers} drivers started")]
    public static partial void RecoveryStarted(this ILogger log, MasterEpoch epoch, int workers, int applications, int drivers);

    [LoggerMessage(3118, LogLevel.Information, "Leader of term {Epoch}: recovery completed with {Workers} workers, {Applications} applications and {Drivers} drivers")]
    public static partial void RecoveryCompleted(this ILogger log, MasterEpoch epoch, int workers, int applications, int drivers);

    [LoggerMessage(3119, LogLevel.Information, "Worker {Worker} recovered with {Executors} executors and {Drivers} drivers")]
    public static partial void WorkerRecovered(this ILogger log, WorkerId worker, int executors, int drivers);

    [LoggerMessage(3120, LogLevel.Information, "Application {App} recovered")]
    public static partial void ApplicationRecovered(this ILogger log, ApplicationId app);

    [LoggerMessage(3121, LogLevel.Information, "Worker {Worker} decommissioned")]
    public static partial void WorkerDecommissioned(this ILogger log, WorkerId worker);

    [LoggerMessage(3122, LogLevel.Information, "Driver {Driver} submitted: {MainClass}")]
    public static partial void DriverSubmitted(this ILogger log, DriverId driver, string mainClass);

    [LoggerMessage(3123, LogLevel.Information, "Driver {Driver} launched on {Worker}")]
    public static partial void DriverLaunched(this ILogger log, DriverId driver, WorkerId worker);

    [LoggerMessage(3124, LogLevel.Information, "Driver {Driver} is {State}: {Reason}")]
    public static partial void DriverEnded(this ILogger log, DriverId driver, DriverState state, string? reason);

    [LoggerMessage(3125, LogLevel.Warning, "Driver {Driver} was lost and is submitted again as {NewDriver}")]
    public static partial void DriverRelaunched(this ILogger log, DriverId driver, DriverId newDriver);

    [LoggerMessage(3126, LogLevel.Warning, "Worker {Worker} reported the unknown driver {Driver} and was asked to kill it")]
    public static partial void UnknownDriverReported(this ILogger log, WorkerId worker, DriverId driver);

    [LoggerMessage(3127, LogLevel.Information, "Master at {Url} waits for its election")]
    public static partial void StandsBy(this ILogger log, string url);

    [LoggerMessage(3128, LogLevel.Error, "Master at {Url} cannot lead any more: {Reason}")]
    public static partial void LeadershipLost(this ILogger log, string url, string reason);
}
