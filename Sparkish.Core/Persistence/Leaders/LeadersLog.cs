using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Persistence.Leaders;

/// <summary>Log events of singletons.</summary>
internal static partial class LeadersLog
{
    [LoggerMessage(1470, LogLevel.Information, "Singleton {Name} runs at {Address} under epoch {Epoch}")]
    public static partial void SingletonLeads(this ILogger log, string name, RpcAddress address, long? epoch);

    [LoggerMessage(1471, LogLevel.Information, "Singleton {Name} at {Address} under epoch {Epoch} stopped: {Reason}")]
    public static partial void SingletonStopped(this ILogger log, string name, RpcAddress address, long? epoch, string reason);

    [LoggerMessage(1472, LogLevel.Error, "Singleton {Name} could not start here; this node becomes a candidate again in {Pause}")]
    public static partial void SingletonFailed(this ILogger log, Exception error, string name, TimeSpan pause);
}
