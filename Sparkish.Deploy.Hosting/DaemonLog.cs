using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Hosting;

/// <summary>Log events of daemons in the generic host: 3720 to 3729.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(3720, LogLevel.Critical, "The application stops: {Reason}")]
    public static partial void DaemonFailed(this ILogger log, string reason);
}
