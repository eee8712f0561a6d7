using System.Security.Cryptography;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// The pause of a candidate that could not reach the server: a tenth of a second, doubling up to a second. Jitter prevents candidates from retrying all at
/// once.
/// </summary>
internal static class ElectionBackoff
{
    private const int FirstMilliseconds = 100;
    private const int MaxMilliseconds = 1_000;
    private const int MaxDoublings = 4;

    /// <param name="failures">Number of consecutive failed attempts, 1 or more.</param>
    public static TimeSpan DelayAfter(int failures)
    {
        var most = Math.Min(MaxMilliseconds, FirstMilliseconds << Math.Min(failures - 1, MaxDoublings));
        return TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(most / 2, most + 1));
    }
}
