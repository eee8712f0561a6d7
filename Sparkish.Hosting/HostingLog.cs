using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Hosting;

/// <summary>Log events of hosted envs.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1501, LogLevel.Information, "RpcEnv {Env} started at {Address} with {Count} endpoints")]
    public static partial void Started(this ILogger log, string env, RpcAddress address, int count);

    [LoggerMessage(1502, LogLevel.Critical, "RpcEnv {Env} ended because an endpoint escalated its error; the application stops")]
    public static partial void Escalated(this ILogger log, Exception error, string env);

    [LoggerMessage(1503, LogLevel.Error, "RpcEnv {Env} was disposed while the application ran; the application stops")]
    public static partial void EndedByItself(this ILogger log, string env);

    [LoggerMessage(1504, LogLevel.Error, "RpcEnv {Env} did not stop within the host's shutdown timeout: an endpoint still runs a handler")]
    public static partial void NotStoppedInTime(this ILogger log, string env);

    [LoggerMessage(1505, LogLevel.Error, "The services of an instance of endpoint {Endpoint} could not be disposed")]
    public static partial void ScopeFailed(this ILogger log, Exception error, string endpoint);
}
