using Sparkish.Configuration;

namespace Sparkish.Deploy.Worker.Output;

/// <summary>Limits of the stored output of an executor or a driver.</summary>
/// <param name="MaxBytes">The size at which a file is rolled; null for one file without a limit.</param>
/// <param name="MaxRolledFiles">Number of rolled files beside the current one.</param>
internal sealed record OutputOptions(long? MaxBytes, int MaxRolledFiles)
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(366);

    public static OutputOptions Default { get; } = From(new SparkConf(loadDefaults: false));

    /// <summary>The interval at which a file is rolled, whatever its size; null for never.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Whether rolled files are compressed.</summary>
    public bool Compresses { get; init; }

    /// <exception cref="SparkException">A setting is wrong.</exception>
    public static OutputOptions From(SparkConf conf)
    {
        var interval = IntervalOf(conf);
        var (maxBytes, rollsByTime) = conf.Get(DeployKeys.OutputRollingStrategy) switch
        {
            "size" => (conf.Get(DeployKeys.OutputMaxSize), false),
            "time" => (conf.Get(DeployKeys.OutputMaxSize), true), // without a limit of size, one loud task would fill the disk within an interval
            "" or "none" => ((long?)null, false),
            var other => throw new SparkException(
                $"{DeployKeys.OutputRollingStrategy.Key} is '{other}' but must be 'size', 'time', or 'none' to keep all output in one file."),
        };
        return new OutputOptions(maxBytes, conf.Get(DeployKeys.OutputMaxRetainedFiles))
        {
            Interval = rollsByTime ? interval : null,
            Compresses = conf.Get(DeployKeys.OutputCompression),
        };
    }

    private static TimeSpan IntervalOf(SparkConf conf)
    {
        var text = conf.Get(DeployKeys.OutputInterval);
        try
        {
            var interval = text switch
            {
                "daily" => TimeSpan.FromDays(1),
                "hourly" => TimeSpan.FromHours(1),
                "minutely" => TimeSpan.FromMinutes(1),
                _ => ConfigEntry.ParseDuration(text),
            };
            return interval >= ShortestInterval && interval <= LongestInterval ? interval : throw Invalid(text, null);
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw Invalid(text, error);
        }
    }

    private static SparkException Invalid(string text, Exception? cause) => new(
        $"{DeployKeys.OutputInterval.Key} is '{text}' but must be 'daily', 'hourly', 'minutely', or a duration from one second to 366 days, such as '6h'.", cause);
}
