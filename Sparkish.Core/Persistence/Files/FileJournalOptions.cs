namespace Sparkish.Persistence.Files;

/// <summary>Options of a file journal store besides its directory.</summary>
public sealed record FileJournalOptions
{
    /// <summary>Size at which a journal continues in a new file; a file is deleted as a whole once a snapshot covers its events.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>Limits of the appends that wait for the disk in one journal.</summary>
    public AppendLimits Limits { get; init; } = AppendLimits.Default;

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal FileJournalOptions Check()
    {
        if (SegmentBytes < 1) throw new ArgumentException($"{nameof(SegmentBytes)} is {SegmentBytes} but must be positive.");
        Limits.Check();
        return this;
    }
}
