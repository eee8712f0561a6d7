using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Recovery;

/// <summary>Log events of elections by a directory: 3490 to 3499.</summary>
internal static partial class DirectoryElectionLog
{
    [LoggerMessage(3490, LogLevel.Information, "Candidate {Candidate} waits for the lock {File}")]
    public static partial void WaitsForLock(this ILogger log, string candidate, string file);
}
