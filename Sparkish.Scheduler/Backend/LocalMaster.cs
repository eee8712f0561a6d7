using System.Globalization;
using System.Text.RegularExpressions;

namespace Sparkish.Backend;

/// <summary>The master URLs of local mode, within one process: <c>local</c>, <c>local[N]</c>, <c>local[*]</c>, <c>local[N,maxFailures]</c>.</summary>
internal sealed partial record LocalMaster(int Threads, int MaxFailures)
{
    public static LocalMaster? TryParse(string master)
    {
        if (master == "local") return new LocalMaster(1, 1);
        var match = Pattern().Match(master);
        if (!match.Success) return null;
        var threads = match.Groups["threads"].Value == "*" ? Environment.ProcessorCount : ParseCount(match.Groups["threads"].Value, master);
        return new LocalMaster(threads, match.Groups["failures"].Success ? ParseCount(match.Groups["failures"].Value, master) : 1);
    }

    private static int ParseCount(string text, string master) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
        ? count
        : throw new SparkException($"spark.master is '{master}', but local[N] needs at least one thread: write local[2] or local[*].");

    [GeneratedRegex(@"^local\[\s*(?<threads>[0-9]+|\*)\s*(,\s*(?<failures>[0-9]+)\s*)?\]$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
