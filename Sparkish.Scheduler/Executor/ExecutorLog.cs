using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Executor;

internal static partial class ExecutorLog
{
    [LoggerMessage(2201, LogLevel.Information, "Executor {ExecutorId} of {AppId} registered with {Driver}: {Cores} cores")]
    public static partial void Registered(this ILogger log, string executorId, string appId, string driver, int cores);

    [LoggerMessage(2207, LogLevel.Error, "Refused {Message} from the driver: {Problem}")]
    public static partial void MessageRefused(this ILogger log, string message, string problem);

    [LoggerMessage(2202, LogLevel.Information, "Executor {ExecutorId} is stopping: {Reason}")]
    public static partial void Stopping(this ILogger log, string executorId, string reason);

    [LoggerMessage(2203, LogLevel.Error, "Executor {ExecutorId} cannot register with its driver")]
    public static partial void CannotRegister(this ILogger log, Exception error, string executorId);

    [LoggerMessage(2204, LogLevel.Error, "Executor {ExecutorId} lost {Peer}")]
    public static partial void PeerLost(this ILogger log, string executorId, RpcAddress peer);

    [LoggerMessage(2205, LogLevel.Warning, "Exception in {Task}")]
    public static partial void TaskFailed(this ILogger log, Exception error, string task);

    [LoggerMessage(2206, LogLevel.Warning, "Exception {Type} in {Task}, which cannot be logged")]
    public static partial void TaskFailureUndescribed(this ILogger log, Type type, string task);

    [LoggerMessage(2207, LogLevel.Debug, "Ignored {Message} from {Peer}: it is not the driver, which this executor connects to itself")]
    public static partial void StrangersMessageIgnored(this ILogger log, string message, RpcPeer peer);
}
