using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Submission;

/// <summary>Log events of submission clients: 3600 to 3619.</summary>
internal static partial class SubmissionLog
{
    [LoggerMessage(3601, LogLevel.Warning,
        "Master {Master} has no package of the driver, so the driver cannot move to another worker after a failover to it: {Reason}")]
    public static partial void StandbyHasNoPackage(this ILogger log, RpcAddress master, string reason);
}
