using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>Log events of journals and elections in PostgreSQL: 3400 to 3449.</summary>
internal static partial class PostgreSqlLog
{
    [LoggerMessage(3400, LogLevel.Information, "Journal {Journal} is open under epoch {Epoch} at event {Sequence}")]
    public static partial void JournalOpened(this ILogger log, string journal, long epoch, long sequence);

    [LoggerMessage(3401, LogLevel.Warning, "Journal {Journal} was held by session {Session}, which was terminated for a takeover")]
    public static partial void WriterEnded(this ILogger log, string journal, int session);

    [LoggerMessage(3402, LogLevel.Warning, "Journal {Journal} accepts no more events: {Reason}")]
    public static partial void JournalFailed(this ILogger log, string journal, string reason);

    [LoggerMessage(3410, LogLevel.Information, "{Candidate} became a candidate in election {Election}")]
    public static partial void Standing(this ILogger log, string candidate, string election);

    [LoggerMessage(3411, LogLevel.Warning, "Election {Election} retries in {Delay}: {Reason}")]
    public static partial void ElectionWaits(this ILogger log, string election, TimeSpan delay, string reason);

    [LoggerMessage(3412, LogLevel.Information, "{Candidate} leads {Election} under epoch {Epoch}")]
    public static partial void Elected(this ILogger log, string candidate, string election, long epoch);

    [LoggerMessage(3413, LogLevel.Information, "{Candidate} resigned from leading {Election} under epoch {Epoch}")]
    public static partial void Resigned(this ILogger log, string candidate, string election, long epoch);

    [LoggerMessage(3414, LogLevel.Error, "{Candidate} no longer leads {Election}, epoch {Epoch} ended: {Reason}")]
    public static partial void TermLost(this ILogger log, string candidate, string election, long epoch, string reason);

    [LoggerMessage(3415, LogLevel.Error, "A watcher of the term with epoch {Epoch} failed when the term ended")]
    public static partial void EndedCallbackFailed(this ILogger log, long epoch, Exception exception);

    [LoggerMessage(3416, LogLevel.Debug, "Could not close the session of election {Election} cleanly; the server will end it: {Reason}")]
    public static partial void SessionNotClosed(this ILogger log, string election, string reason);

    [LoggerMessage(3417, LogLevel.Warning, "{User} switched from PostgreSQL server {Before} to {Server}: the former failed, or a standby was promoted")]
    public static partial void FailedOver(this ILogger log, string user, string before, string server);

    [LoggerMessage(3418, LogLevel.Information, "{Candidate} waits {Delay} for the last term of {Election} to expire: its leader did not resign")]
    public static partial void WaitsForTerm(this ILogger log, string candidate, string election, TimeSpan delay);

    [LoggerMessage(3403, LogLevel.Warning, "Journal {Journal} lost its connection during a write and continues over another one: {Reason}")]
    public static partial void WritesAgain(this ILogger log, string journal, string reason);
}
