using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Client;

/// <summary>Log events of an application's connection to its cluster: 3300 to 3399.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(3301, LogLevel.Information, "Connecting to master {Masters} (attempt {Attempt} of {MaxAttempts})")]
    public static partial void Registering(this ILogger log, string masters, int attempt, int maxAttempts);

    [LoggerMessage(3302, LogLevel.Information, "Connected to cluster at {Master} as {App}")]
    public static partial void Registered(this ILogger log, RpcAddress master, ApplicationId app);

    [LoggerMessage(3303, LogLevel.Debug, "Cannot reach {Peer} yet: {Reason}")]
    public static partial void MasterUnreachable(this ILogger log, RpcAddress peer, string reason);

    [LoggerMessage(3304, LogLevel.Warning, "Master {Master} disconnected; the application continues with its executors")]
    public static partial void MasterLost(this ILogger log, RpcAddress master);

    [LoggerMessage(3305, LogLevel.Information, "Executor {Executor} added on {HostPort} with {Cores} cores and {MemoryMiB} MiB")]
    public static partial void ExecutorAdded(this ILogger log, ExecutorKey executor, string hostPort, int cores, int memoryMiB);

    [LoggerMessage(3306, LogLevel.Information, "Executor {Executor} is {State}: {Reason}")]
    public static partial void ExecutorEnded(this ILogger log, ExecutorKey executor, ExecutorState state, string? reason);

    [LoggerMessage(3307, LogLevel.Debug, "Executor {Executor} is {State}")]
    public static partial void ExecutorReported(this ILogger log, ExecutorKey executor, ExecutorState state);

    [LoggerMessage(3308, LogLevel.Warning, "Worker {Worker} is gone: {Reason}")]
    public static partial void WorkerGone(this ILogger log, WorkerId worker, string reason);

    [LoggerMessage(3309, LogLevel.Debug, "Could not report the end of the application to the cluster: {Reason}")]
    public static partial void NotUnregistered(this ILogger log, string reason);

    [LoggerMessage(3311, LogLevel.Warning, "Refused {Message} of {Peer}: {Problem}{LeftOut}")]
    public static partial void MessageRefused(this ILogger log, string message, string peer, string problem, string leftOut);

    [LoggerMessage(3310, LogLevel.Warning, "Executor {Executor} reported a problem: {Reason}")]
    public static partial void ExecutorTroubled(this ILogger log, ExecutorKey executor, string reason);

    [LoggerMessage(3312, LogLevel.Warning, "Ignored {Message} from {Peer}: it is not the application's master, which the driver connects to itself")]
    public static partial void StrangersMessageIgnored(this ILogger log, string message, RpcPeer peer);

    [LoggerMessage(3313, LogLevel.Information, "Master {Master} leads in term {Epoch}; the application follows it")]
    public static partial void MasterFollowed(this ILogger log, RpcAddress master, MasterEpoch epoch);

    [LoggerMessage(3314, LogLevel.Warning, "Refused {Master} as leader of term {Epoch}: the application follows the leader of term {Current}")]
    public static partial void StaleMasterRefused(this ILogger log, RpcAddress master, MasterEpoch epoch, MasterEpoch current);
}
