namespace Sparkish.Deploy.Worker;

/// <summary>When a worker removes the directories of applications that are over.</summary>
/// <param name="Interval">How often it looks; null for never.</param>
/// <param name="TimeToLive">How long a directory is kept after the last change in it.</param>
internal sealed record CleanupOptions(TimeSpan? Interval, TimeSpan TimeToLive)
{
    public static CleanupOptions Never { get; } = new(null, TimeSpan.Zero);

    public static CleanupOptions From(SparkConf conf) =>
        new(conf.Get(DeployKeys.CleanupEnabled) ? conf.Get(DeployKeys.CleanupInterval) : null, conf.Get(DeployKeys.CleanupTimeToLive));
}
