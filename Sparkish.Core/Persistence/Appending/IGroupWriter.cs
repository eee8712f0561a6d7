namespace Sparkish.Persistence.Appending;

/// <summary>
/// How a store writes groups. Called by one <see cref="GroupCommit"/>, one method at a time. After any of its tasks has failed it is not called again: then
/// nothing that is
/// under way counts as safe.
/// </summary>
internal interface IGroupWriter
{
    /// <summary>How many groups may be under way at once.</summary>
    int Window { get; }

    /// <summary>Whether a batch may be written together with those of a group.</summary>
    bool Fits(CommitGroup group, AppendWork next);

    /// <summary>Begins to write a group behind those that are under way. Completes when the next one may be begun.</summary>
    Task BeginAsync(CommitGroup group);

    /// <summary>Completes, or fails, when <see cref="SettleAsync"/> can tell of the oldest group under way.</summary>
    Task Outcome { get; }

    /// <summary>Waits for the oldest group under way. Returns how many of the oldest are safe now: 0 where they had to be written again.</summary>
    /// <exception cref="JournalException">A group could not be made safe.</exception>
    Task<int> SettleAsync();
}
