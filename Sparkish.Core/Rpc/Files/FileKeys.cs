using Sparkish.Configuration;

namespace Sparkish.Rpc.Files;

/// <summary>The keys of fetching files from other envs.</summary>
internal static class FileKeys
{
    public static readonly ConfigEntry<int> MaxRetries = ConfigEntry.Int("spark.files.io.maxRetries", 3,
        "Number of consecutive retries of a file transfer after its connection failed or could not be established. Received bytes reset the count.");

    public static readonly ConfigEntry<TimeSpan> RetryWait = ConfigEntry.Duration("spark.files.io.retryWait", TimeSpan.FromSeconds(5),
        "Pause before a file transfer is retried; jitter shortens it by up to half.");
}
