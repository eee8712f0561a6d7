namespace Sparkish.Rpc.Files;

/// <summary>Retries of file transfers.</summary>
internal sealed record FetchOptions(int MaxRetries, TimeSpan RetryWait)
{
    public static FetchOptions From(SparkConf conf) => new(conf.Get(FileKeys.MaxRetries), conf.Get(FileKeys.RetryWait));

    /// <summary>Pause before the next attempt; <paramref name="chance"/> is from 0 to 1.</summary>
    public TimeSpan Pause(double chance) => RetryWait * (1 - (chance / 2));
}
