using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sparkish.Configuration;

/// <summary>
/// The declared keys of the floors that are in use, to tell a slip of the pen from a key that belongs to someone else: Spark has many keys that this
/// version does not know, and they are nobody's mistake.
/// </summary>
internal static class KnownKeys
{
    private const int MaxDistance = 2;

    private static readonly ConcurrentDictionary<string, byte> Keys = new(StringComparer.Ordinal);

    public static void Add(string key) => Keys.TryAdd(key, 0);

    /// <summary>Warns of each <c>spark.*</c> key that is not declared but almost is.</summary>
    public static void WarnOfSlips(SparkConf conf, ILogger log)
    {
        foreach (var key in conf.Settings.Keys)
        {
            if (Suggest(key, Keys.Keys) is { } known) log.KeyNotKnown(key, known);
        }
    }

    /// <summary>The known key that was probably meant; null for a known one, and for one that is like no other.</summary>
    public static string? Suggest(string key, IEnumerable<string> known)
    {
        if (!key.StartsWith("spark.", StringComparison.Ordinal)) return null;
        string? nearest = null;
        var best = MaxDistance + 1;
        foreach (var candidate in known)
        {
            var distance = Distance(key.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (string.Equals(candidate, key, StringComparison.Ordinal)) return null;
            if (distance >= best) continue;
            best = distance;
            nearest = candidate;
        }

        return nearest;
    }

    /// <summary>How many letters must be added, taken away or replaced to make one text the other (Levenshtein).</summary>
    private static int Distance(string x, string y)
    {
        var previous = Enumerable.Range(0, y.Length + 1).ToArray();
        foreach (var letter in x)
        {
            var current = new int[y.Length + 1];
            current[0] = previous[0] + 1;
            for (var j = 1; j <= y.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (letter == y[j - 1] ? 0 : 1));
            previous = current;
        }

        return previous[^1];
    }
}
