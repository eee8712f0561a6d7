using System.Text.Json;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>
/// The line that the wrapper of a driver reads from its standard input: the program and its settings, with secrets among them. No other line follows: the end
/// of the input is the end of the worker.
/// </summary>
/// <param name="Program">The path of the program's .dll.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Environment">Its environment variables besides those of the wrapper.</param>
/// <param name="Settings">The settings of its <see cref="SparkConf"/>.</param>
internal sealed record DriverHandOver(
    string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, IReadOnlyDictionary<string, string> Settings)
{
    public string Format() => JsonSerializer.Serialize(this);

    /// <summary>Parses the output of <see cref="Format"/>.</summary>
    /// <exception cref="SparkException">The text is missing or not valid.</exception>
    public static DriverHandOver Parse(string? line)
    {
        try
        {
            if (line is not null && JsonSerializer.Deserialize<DriverHandOver>(line) is { Program.Length: > 0 } handOver) return handOver;
        }
        catch (JsonException)
        {
            // Not repeated: the text may hold secrets.
        }

        throw new SparkException(
            "The standard input does not hold the program of a driver. Drivers in cluster mode are started by workers, which write it there.");
    }
}
