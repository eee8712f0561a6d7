using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>Log events of Raft members, their journals and elections: 3500 to 3549.</summary>
internal static partial class RaftEvents
{
    [LoggerMessage(3500, LogLevel.Information, "Raft member {Member} of {Members} started with {Entries} entries")]
    public static partial void MemberStarted(this ILogger log, string member, string members, long entries);

    [LoggerMessage(3501, LogLevel.Warning, "Raft member {Member} failed and starts again in {Pause}: {Reason}")]
    public static partial void MemberFailed(this ILogger log, string member, TimeSpan pause, string reason);

    [LoggerMessage(3502, LogLevel.Information, "Raft member {Member} follows {Leader}")]
    public static partial void LeaderChanged(this ILogger log, string member, string leader);

    [LoggerMessage(3503, LogLevel.Warning, "Raft member {Member} has an empty directory in an existing cluster: it votes only after it has caught up with a leader")]
    public static partial void Joining(this ILogger log, string member);

    [LoggerMessage(3504, LogLevel.Information, "Raft member {Member} votes from now on: {Reason}")]
    public static partial void Votes(this ILogger log, string member, string reason);

    [LoggerMessage(3505, LogLevel.Debug, "Raft member {Member} cannot reach {Peer}: {Reason}")]
    public static partial void PeerUnreachable(this ILogger log, string member, string peer, string reason);

    [LoggerMessage(3506, LogLevel.Warning, "Raft snapshot at entry {Index} could not be saved, and the log grows: {Reason}")]
    public static partial void SnapshotFailed(this ILogger log, long index, string reason);

    [LoggerMessage(3507, LogLevel.Error, "Raft member {Member} refuses {Peer}: {Reason}")]
    public static partial void PeerRefused(this ILogger log, string member, string peer, string reason);

    [LoggerMessage(3510, LogLevel.Information, "{Candidate} became a candidate of the Raft group")]
    public static partial void RaftCandidate(this ILogger log, string candidate);

    [LoggerMessage(3511, LogLevel.Information, "{Candidate} leads the Raft group under epoch {Epoch}")]
    public static partial void RaftLeads(this ILogger log, string candidate, long epoch);

    [LoggerMessage(3512, LogLevel.Information, "{Candidate} resigned from leading the Raft group under epoch {Epoch}")]
    public static partial void RaftResigned(this ILogger log, string candidate, long epoch);

    [LoggerMessage(3513, LogLevel.Error, "{Candidate} no longer leads the Raft group, epoch {Epoch} ended: {Reason}")]
    public static partial void RaftTermLost(this ILogger log, string candidate, long epoch, string reason);

    [LoggerMessage(3514, LogLevel.Warning, "The campaign of {Candidate} retries: {Reason}")]
    public static partial void RaftCampaignRetries(this ILogger log, string candidate, string reason);

    [LoggerMessage(3515, LogLevel.Error, "A watcher of the Raft term with epoch {Epoch} failed when the term ended")]
    public static partial void RaftEndedCallbackFailed(this ILogger log, long epoch, Exception exception);

    [LoggerMessage(3520, LogLevel.Information, "Journal {Journal} is open under epoch {Epoch} at event {Sequence}")]
    public static partial void RaftJournalOpened(this ILogger log, string journal, long epoch, long sequence);

    [LoggerMessage(3521, LogLevel.Warning, "Journal {Journal} accepts no more events: {Reason}")]
    public static partial void RaftJournalFailed(this ILogger log, string journal, string reason);
}
