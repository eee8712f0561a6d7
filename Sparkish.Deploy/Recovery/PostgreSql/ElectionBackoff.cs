using System.Security.Cryptography;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// How long a candidate waits that could not reach the server: a tenth of a second, then twice as long each time, up to a second; each time a little
/// different, so that candidates do not come all at once.
/// </summary>
internal static class ElectionBackoff
{
    private const int FirstMilliseconds = 100;
    private const int MaxMilliseconds = 1_000;
    private const int MaxDoublings = 4;

    /// <param name="failures">How many tries in a row have failed, 1 or more.</param>
    public static TimeSpan DelayAfter(int failures)
    {
        var most = Math.Min(MaxMilliseconds, FirstMilliseconds << Math.Min(failures - 1, MaxDoublings));
        return TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(most / 2, most + 1));
    }
}
