using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Sparkish.Configuration;

/// <summary>
/// The declared keys of the assemblies in use. They distinguish a misspelled key from a foreign one: Spark has many keys that this version does not know.
/// </summary>
internal sealed class KnownKeys(IEnumerable<string> keys)
{
    private const int MaxDistance = 2;
    private const string DeclaringSuffix = "Keys";

    private readonly string[] _keys = [.. keys.Distinct(StringComparer.Ordinal)];

    /// <summary>The keys that assemblies declare, in static fields of their classes <c>…Keys</c>.</summary>
    public static KnownKeys DeclaredIn(params IEnumerable<Assembly> assemblies) => new(
        from type in assemblies.Distinct().SelectMany(TypesOf)
        where type.Name.EndsWith(DeclaringSuffix, StringComparison.Ordinal) && !type.ContainsGenericParameters
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where field.FieldType.IsAssignableTo(typeof(IConfigEntry))
        select ((IConfigEntry)field.GetValue(null)!).Key);

    // A plug-in's assembly may have types whose own dependencies are not there.
    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException error)
        {
            return error.Types.OfType<Type>();
        }
    }

    /// <summary>Warns of each <c>spark.*</c> key that is not declared but almost is.</summary>
    public void WarnAboutUnknownKeys(SparkConf conf, ILogger log)
    {
        foreach (var key in conf.Settings.Keys)
        {
            if (Suggest(key) is { } known) log.KeyNotKnown(key, known);
        }
    }

    /// <summary>Returns the known key that was probably meant; null for a known one, and for one that resembles no other.</summary>
    public string? Suggest(string key)
    {
        if (!key.StartsWith("spark.", StringComparison.Ordinal)) return null;
        string? nearest = null;
        var best = MaxDistance + 1;
        foreach (var candidate in _keys)
        {
            if (string.Equals(candidate, key, StringComparison.Ordinal)) return null;
            var distance = Distance(key.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance >= best) continue;
            best = distance;
            nearest = candidate;
        }

        return nearest;
    }

    /// <summary>Returns the number of letters to add, remove or replace to convert one text to the other (Levenshtein distance).</summary>
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
