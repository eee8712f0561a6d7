using System.Globalization;
using System.Text.RegularExpressions;

namespace Sparkish.Deploy.LocalCluster;

/// <summary>The parsed form of <c>local-cluster[workers,cores,MiB]</c>.</summary>
/// <param name="Workers">Number of workers.</param>
/// <param name="CoresPerWorker">The cores of each worker.</param>
/// <param name="MemoryPerWorkerMiB">The memory of each worker.</param>
internal sealed partial record LocalClusterUrl(int Workers, int CoresPerWorker, int MemoryPerWorkerMiB)
{
    public const string Prefix = "local-cluster";

    /// <summary>Reads the URL.</summary>
    /// <exception cref="SparkException">The text is not a valid URL.</exception>
    public static LocalClusterUrl Parse(string url)
    {
        var match = Pattern().Match(url);
        if (match.Success && Number(match, "workers", out var workers) && Number(match, "cores", out var cores) && Number(match, "memory", out var memoryMiB))
            return new LocalClusterUrl(workers, cores, memoryMiB);
        throw new SparkException(
            $"Invalid master URL: '{url}'. Write it as local-cluster[workers,cores,MiB] with whole numbers from 1, such as local-cluster[2,1,1024].");
    }

    private static bool Number(Match match, string group, out int value) =>
        int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;

    [GeneratedRegex(@"^local-cluster\[\s*(?<workers>[0-9]+)\s*,\s*(?<cores>[0-9]+)\s*,\s*(?<memory>[0-9]+)\s*\]$",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
