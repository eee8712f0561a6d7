namespace Sparkish.Deploy.Worker;

/// <summary>How much of the output of an executor is kept.</summary>
/// <param name="MaxBytes">The size at which a file is rolled; null for one file without limit.</param>
/// <param name="MaxRolledFiles">How many rolled files are kept beside the current one.</param>
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
