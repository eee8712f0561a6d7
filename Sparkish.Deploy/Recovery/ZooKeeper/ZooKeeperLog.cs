using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Log events of the client of ZooKeeper, its journals and its elections: 3450 to 3499.</summary>
internal static partial class ZooKeeperLog
{
    [LoggerMessage(3450, LogLevel.Information, "Connected to ZooKeeper at {Server}: session 0x{Session:x}, timeout {Timeout}")]
    public static partial void ZooKeeperConnected(this ILogger log, string server, long session, TimeSpan timeout);

    [LoggerMessage(3451, LogLevel.Warning, "Lost ZooKeeper at {Server}, trying the next server: {Reason}")]
    public static partial void ZooKeeperLost(this ILogger log, string server, string reason);

    [LoggerMessage(3452, LogLevel.Debug, "Cannot reach ZooKeeper at {Server}, trying the next server: {Reason}")]
    public static partial void ZooKeeperUnreachable(this ILogger log, string server, string reason);

    [LoggerMessage(3453, LogLevel.Warning, "ZooKeeper session 0x{Session:x} ended: {Reason}")]
    public static partial void ZooKeeperSessionOver(this ILogger log, long session, string reason);

    [LoggerMessage(3454, LogLevel.Warning,
        "ZooKeeper granted a session timeout of {Granted} instead of {Asked}: its servers limit it (minSessionTimeout, maxSessionTimeout)")]
    public static partial void ZooKeeperTimeoutChanged(this ILogger log, TimeSpan granted, TimeSpan asked);

    [LoggerMessage(3455, LogLevel.Information, "Candidate {Candidate} joined the election as {Node} behind {Ahead}")]
    public static partial void Stands(this ILogger log, string candidate, string node, string ahead);

    [LoggerMessage(3456, LogLevel.Information, "Candidate {Candidate} leads in term {Epoch}")]
    public static partial void Leads(this ILogger log, string candidate, long epoch);

    [LoggerMessage(3457, LogLevel.Warning, "Term {Epoch} ended: {Reason}")]
    public static partial void TermOver(this ILogger log, long? epoch, string reason);

    [LoggerMessage(3458, LogLevel.Warning, "Candidate {Candidate} joins the election again: {Reason}")]
    public static partial void CandidacyLost(this ILogger log, string candidate, string reason);

    [LoggerMessage(3459, LogLevel.Warning, "Journal {Journal} in ZooKeeper accepts no more events: {Reason}")]
    public static partial void JournalFailed(this ILogger log, string journal, string reason);
}
