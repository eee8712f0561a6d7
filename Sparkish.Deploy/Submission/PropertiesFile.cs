using System.Globalization;
using System.Text;

namespace Sparkish.Deploy.Submission;

/// <summary>
/// Parses files of settings such as <c>spark-defaults.conf</c>: lines of a key and a value, in the format of Java's properties, like Spark.
/// </summary>
internal static class PropertiesFile
{
    private const long MaxBytes = 16L << 20;

    /// <summary>Reads the settings of a file. Other keys than <c>spark.*</c> are left out, and returned apart.</summary>
    /// <exception cref="SparkException">The file cannot be read, or a line is not valid.</exception>
    public static (IReadOnlyDictionary<string, string> Settings, IReadOnlyList<string> Ignored) Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new SparkException($"The properties file '{path}' has more than {MaxBytes} bytes: give a file of settings.");
            var all = Parse(File.ReadAllText(path), path);
            var settings = all.Where(static setting => IsSetting(setting.Key)).ToDictionary(StringComparer.Ordinal);
            return (settings, [.. all.Keys.Where(static key => !IsSetting(key))]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"The properties file '{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The defaults file of this machine; null if there is none.</summary>
    public static string? FindDefaults(Func<string, string?> environment)
    {
        var directory = environment("SPARK_CONF_DIR") is { Length: > 0 } named ? named
            : environment("SPARK_HOME") is { Length: > 0 } home ? Path.Combine(home, "conf") : null;
        return directory is not null && Path.Combine(directory, "spark-defaults.conf") is var file && File.Exists(file) ? file : null;
    }

    /// <summary>Parses a text; later lines win.</summary>
    internal static Dictionary<string, string> Parse(string text, string path)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        using var reader = new StringReader(text);
        while (reader.ReadLine() is { } read)
        {
            number++;
            var line = read.TrimStart();
            if (line.Length == 0 || line[0] is '#' or '!') continue;
            while (Continues(line) && reader.ReadLine() is { } more)
            {
                number++;
                line = line[..^1] + more.TrimStart();
            }

            var (key, value) = Split(line);
            settings[Unescape(key, path, number)] = Unescape(value, path, number).Trim();
        }

        return settings;
    }

    private static bool IsSetting(string key) => key.StartsWith("spark.", StringComparison.Ordinal);

    // An odd number of backslashes at the end.
    private static bool Continues(string line) => (line.Length - line.TrimEnd('\\').Length) % 2 == 1;

    private static (string Key, string Value) Split(string line)
    {
        var end = 0;
        while (end < line.Length && !char.IsWhiteSpace(line[end]) && line[end] is not ('=' or ':')) end += line[end] == '\\' && end + 1 < line.Length ? 2 : 1;
        var value = end;
        while (value < line.Length && char.IsWhiteSpace(line[value])) value++;
        if (value < line.Length && line[value] is '=' or ':') value++;
        return (line[..end], line[Math.Min(value, line.Length)..].TrimStart());
    }

    private static string Unescape(string text, string path, int number)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || ++i == text.Length)
            {
                if (i < text.Length) result.Append(text[i]);
                continue;
            }

            switch (text[i])
            {
                case 't': result.Append('\t'); break;
                case 'n': result.Append('\n'); break;
                case 'r': result.Append('\r'); break;
                case 'f': result.Append('\f'); break;
                case 'u':
                    if (text.Length - i < 5 || !int.TryParse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                        throw new SparkException($"Line {number} of the properties file '{path}' has \\u without four hexadecimal digits.");
                    result.Append((char)code);
                    i += 4;
                    break;
                default: result.Append(text[i]); break;
            }
        }

        return result.ToString();
    }
}
