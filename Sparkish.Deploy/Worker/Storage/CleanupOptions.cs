namespace Sparkish.Deploy.Worker.Storage;

/// <summary>When a worker removes the directories of applications and drivers in which nothing runs.</summary>
/// <param name="Interval">The interval of clean-ups; null for never.</param>
/// <param name="TimeToLive">Time for which a directory is kept after its last change.</param>
/// <param name="MaxBytes">The size of all directories above which the least recently changed ones are removed; null for no limit.</param>
internal sealed record CleanupOptions(TimeSpan? Interval, TimeSpan TimeToLive, long? MaxBytes)
{
    public static CleanupOptions Never { get; } = new(null, TimeSpan.Zero, null);

    public static CleanupOptions From(SparkConf conf) => new(
        conf.Get(DeployKeys.CleanupEnabled) ? conf.Get(DeployKeys.CleanupInterval) : null, conf.Get(DeployKeys.CleanupTimeToLive),
        conf.Get(DeployKeys.CleanupMaxTotalSize) is > 0 and var bytes ? bytes : null);
}
