namespace Sparkish.Deploy.Worker;

/// <summary>Limits of the stored output of an executor.</summary>
/// <param name="MaxBytes">The size at which a file is rolled; null for one file without a limit.</param>
/// <param name="MaxRolledFiles">Number of rolled files beside the current one.</param>
internal sealed record OutputOptions(long? MaxBytes, int MaxRolledFiles)
{
    public static OutputOptions Default { get; } = From(new SparkConf(loadDefaults: false));

    public static OutputOptions From(SparkConf conf) => new(
        conf.Get(DeployKeys.OutputRollingStrategy) switch
        {
            "size" => conf.Get(DeployKeys.OutputMaxSize),
            "" or "none" => null,
            var other => throw new SparkException(
                $"{DeployKeys.OutputRollingStrategy.Key} is '{other}' but must be 'size', or 'none' to keep all output in one file."),
        },
        conf.Get(DeployKeys.OutputMaxRetainedFiles));
}
