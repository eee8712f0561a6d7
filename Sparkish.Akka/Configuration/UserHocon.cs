using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Sparkish.Akka.Configuration;

/// <summary>HOCON that a user gives an actor system of Sparkish's own. What Akka would ignore in it is an error.</summary>
internal static partial class UserHocon
{
    private static readonly SearchValues<char> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(static code => (char)code).Except("\t\n\r")]);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="key">The key that names it.</param>
    /// <param name="file">Its path; empty for none.</param>
    /// <param name="reserved">What follows from <c>spark.*</c> or is fixed, each with the reason or the key to set.</param>
    /// <exception cref="SparkException">The file cannot be read, or sets something reserved.</exception>
    public static Config Read(string key, string file, IEnumerable<(string Path, string Instead)> reserved)
    {
        if (file.Length == 0) return Config.Empty;
        Config config;
        try
        {
            config = Parse(File.ReadAllText(file, StrictUtf8));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException or FormatException
            or ConfigurationException or NullReferenceException)
        {
            // The parser fails with a null reference at an include, which it does not support from a text.
            throw new SparkException($"{key} is '{file}', but the file cannot be read as HOCON on this node: {error.Message}", error);
        }

        foreach (var (path, instead) in reserved)
        {
            if (config.HasPath(path)) throw new SparkException($"{key} is '{file}', which sets {path}. Remove that setting: {instead}.");
        }

        return config;
    }

    private static Config Parse(string text)
    {
        if (text.AsSpan().IndexOfAny(ControlCharacters) is var control and >= 0)
            throw new FormatException($"it has the control character U+{(int)text[control]:X4}");
        var config = ConfigurationFactory.ParseString(text);
        if (config.IsEmpty) return config;
        if (!config.Root.IsObject()) throw new FormatException("it has no settings");
        if (Find(config.Root, static (_, value) => value.IsEmpty) is { } empty) throw new FormatException($"'{empty}' has no value");
        return Find(config.Root, static (name, _) => JoinedName().IsMatch(name)) is { } joined
            ? throw new FormatException($"it has \"{joined}\" in quotation marks, which is one name, so that nothing reads it: remove the quotation marks")
            : config;
    }

    private static string? Find(HoconValue value, Func<string, HoconValue, bool> isWanted)
    {
        if (!value.IsObject()) return null;
        var items = value.GetObject().Items;
        return items.FirstOrDefault(item => isWanted(item.Key, item.Value)).Key
            ?? items.Values.Select(inner => Find(inner, isWanted)).FirstOrDefault(static name => name is not null);
    }

    /// <summary>
    /// Settings joined by dots, neither a type's name nor an actor's path. Akka never finds such a name, since it reads the dots of what it looks for as
    /// levels.
    /// </summary>
    [GeneratedRegex(@"^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex JoinedName();
}
