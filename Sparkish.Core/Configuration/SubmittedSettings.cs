using System.Text.Json;

namespace Sparkish.Configuration;

/// <summary>
/// The settings that <c>sparkish submit</c> passes to an application: in an environment variable, or, for a driver in cluster mode, in the first line of its
/// standard input, which no other process can read.
/// </summary>
internal static class SubmittedSettings
{
    /// <summary>The environment variable with the settings as a JSON object of strings, or <see cref="OnStandardInput"/>.</summary>
    public const string Variable = "SPARKISH_SUBMITTED_CONF";

    /// <summary>The value of the variable if the settings are on the standard input.</summary>
    public const string OnStandardInput = "-";

    private const int MaxBytes = 16 << 20;

    private static readonly Lock Reading = new();
    private static Dictionary<string, string>? _fromInput;

    /// <summary>Returns the settings; empty if the application was not submitted.</summary>
    /// <exception cref="SparkException">The settings cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> Read()
    {
        lock (Reading)
        {
            if (_fromInput is not null) return _fromInput;
            switch (Environment.GetEnvironmentVariable(Variable))
            {
                case null or "": return new Dictionary<string, string>(StringComparer.Ordinal);
                case OnStandardInput:
                    using (var input = Console.OpenStandardInput()) _fromInput = ReadFrom(input);
                    Environment.SetEnvironmentVariable(Variable, null); // processes that the application starts have another standard input
                    return _fromInput;
                case var text: return Parse(text);
            }
        }
    }

    /// <summary>Reads the first line, and nothing after it.</summary>
    /// <exception cref="SparkException">The line is missing, too long or not valid.</exception>
    internal static Dictionary<string, string> ReadFrom(Stream input)
    {
        using var line = new MemoryStream();
        for (int next; (next = input.ReadByte()) is not (-1 or '\n');)
        {
            line.WriteByte((byte)next);
            if (line.Length > MaxBytes) throw Invalid(null);
        }

        return Parse(System.Text.Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length));
    }

    private static Dictionary<string, string> Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(text) ?? throw Invalid(null);
        }
        catch (JsonException error)
        {
            throw Invalid(error);
        }
    }

    // The text is not repeated: it may hold secrets.
    private static SparkException Invalid(JsonException? cause) => new(
        "The settings of 'sparkish submit' cannot be read: create the SparkConf before anything else reads the standard input, and leave the environment variable "
        + $"{Variable} alone.", cause);
}
