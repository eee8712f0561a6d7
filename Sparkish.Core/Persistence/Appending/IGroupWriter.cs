namespace Sparkish.Persistence.Appending;

/// <summary>
/// Writes groups to a store. Called by one <see cref="GroupCommit"/>, one method at a time. After one of its tasks has failed it is not called again: none of
/// the pending groups then counts as durable.
/// </summary>
internal interface IGroupWriter
{
    /// <summary>Maximum number of pending groups.</summary>
    int Window { get; }

    /// <summary>Whether a batch may be written together with those of a group.</summary>
    bool Fits(CommitGroup group, AppendWork next);

    /// <summary>Begins to write a group after the pending ones. Completes when the next one may begin.</summary>
    Task BeginAsync(CommitGroup group);

    /// <summary>Completes, or fails, when <see cref="SettleAsync"/> can report the oldest pending group.</summary>
    Task Outcome { get; }

    /// <summary>Waits for the oldest pending group. Returns how many of the oldest groups are now durable: 0 if they had to be rewritten.</summary>
    /// <exception cref="JournalException">A group could not be made durable.</exception>
    Task<int> SettleAsync();
}
