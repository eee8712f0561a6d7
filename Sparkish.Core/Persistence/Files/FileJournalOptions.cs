namespace Sparkish.Persistence.Files;

/// <summary>What a file journal store is like beside its directory.</summary>
public sealed record FileJournalOptions
{
    /// <summary>After how many bytes a journal goes on in a new file; files whose events a snapshot has are deleted as a whole.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>How much may wait for the disk in one journal.</summary>
    public AppendLimits Limits { get; init; } = AppendLimits.Default;

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal FileJournalOptions Check()
    {
        if (SegmentBytes < 1) throw new ArgumentException($"{nameof(SegmentBytes)} is {SegmentBytes} but must be positive.");
        Limits.Check();
        return this;
    }
}
