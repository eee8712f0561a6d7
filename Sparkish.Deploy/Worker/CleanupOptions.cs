namespace Sparkish.Deploy.Worker;

/// <summary>When a worker removes the directories of applications that are over.</summary>
/// <param name="Interval">The interval of clean-ups; null for never.</param>
/// <param name="TimeToLive">Time for which a directory is kept after its last change.</param>
internal sealed record CleanupOptions(TimeSpan? Interval, TimeSpan TimeToLive)
{
    public static CleanupOptions Never { get; } = new(null, TimeSpan.Zero);

    public static CleanupOptions From(SparkConf conf) =>
        new(conf.Get(DeployKeys.CleanupEnabled) ? conf.Get(DeployKeys.CleanupInterval) : null, conf.Get(DeployKeys.CleanupTimeToLive));
}
