namespace Sparkish.Persistence;

/// <summary>
/// Limits of the appends that may wait for a store in one journal. An append beyond a limit is refused at once with <see cref="JournalOverloadedException"/>:
/// nothing of it is written, earlier ones are, and the journal stays open.
/// </summary>
public sealed record AppendLimits
{
    /// <summary>64 MiB and 65,536 appends.</summary>
    public static AppendLimits Default { get; } = new();

    /// <summary>Maximum number of bytes of waiting events, including those that are being written; at least <see cref="IJournal.MaxBatchBytes"/>.</summary>
    public long MaxWaitingBytes { get; init; } = PersistenceKeys.MaxWaitingBytes.Default;

    /// <summary>Maximum number of waiting appends, including those that are being written.</summary>
    public int MaxWaitingAppends { get; init; } = PersistenceKeys.MaxWaitingAppends.Default;

    /// <summary>Reads the limits from <c>spark.journal.*</c>.</summary>
    /// <exception cref="SparkException">A limit is too small.</exception>
    public static AppendLimits From(SparkConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        var bytes = conf.Get(PersistenceKeys.MaxWaitingBytes);
        if (bytes < IJournal.MaxBatchBytes)
            throw new SparkException(
                $"{PersistenceKeys.MaxWaitingBytes.Key} is {bytes} bytes but must be at least {IJournal.MaxBatchBytes}, a batch: set 16m or more.");
        return new AppendLimits { MaxWaitingBytes = bytes, MaxWaitingAppends = conf.Get(PersistenceKeys.MaxWaitingAppends) };
    }

    /// <exception cref="ArgumentException">A limit is too small.</exception>
    internal AppendLimits Check()
    {
        if (MaxWaitingBytes < IJournal.MaxBatchBytes)
            throw new ArgumentException($"{nameof(MaxWaitingBytes)} is {MaxWaitingBytes} but must be at least {IJournal.MaxBatchBytes}, a batch.");
        if (MaxWaitingAppends < 1) throw new ArgumentException($"{nameof(MaxWaitingAppends)} is {MaxWaitingAppends} but must be positive.");
        return this;
    }
}
