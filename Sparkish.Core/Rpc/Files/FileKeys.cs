using Sparkish.Configuration;

namespace Sparkish.Rpc.Files;

/// <summary>The keys of fetching files from other envs.</summary>
internal static class FileKeys
{
    public static readonly ConfigEntry<int> MaxRetries = ConfigEntry.Int("spark.files.io.maxRetries", 3,
        "How often in a row the fetching of a file is tried again, without a byte in between, after its connection broke off or could not be made.");

    public static readonly ConfigEntry<TimeSpan> RetryWait = ConfigEntry.Duration("spark.files.io.retryWait", TimeSpan.FromSeconds(5),
        "How long fetching a file pauses before it is tried again; up to half of it less, by chance.");
}
