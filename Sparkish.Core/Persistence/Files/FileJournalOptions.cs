namespace Sparkish.Persistence.Files;

/// <summary>What a file journal store is like beside its directory.</summary>
public sealed record FileJournalOptions
{
    private const int Default = 64 << 20;

    /// <summary>After how many bytes a journal goes on in a new file; files whose events a snapshot has are deleted as a whole.</summary>
    public long SegmentBytes { get; init; } = Default;

    /// <summary>
    /// How many bytes of events may wait for the disk in one journal. An append beyond fails, and as any failed append ends the journal: its caller makes
    /// events faster than the disk takes them and does not wait.
    /// </summary>
    public long MaxWaitingBytes { get; init; } = Default;

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal FileJournalOptions Check()
    {
        if (SegmentBytes < 1) throw new ArgumentException($"{nameof(SegmentBytes)} is {SegmentBytes} but must be positive.");
        if (MaxWaitingBytes < IJournal.MaxBatchBytes) throw new ArgumentException($"{nameof(MaxWaitingBytes)} is {MaxWaitingBytes} but must be at least {IJournal.MaxBatchBytes}, a batch.");
        return this;
    }
}
