using System.Text;
using Sparkish.Executor;

namespace Sparkish.Deploy.Worker;

/// <summary>
/// The secrets of an executor: written by its worker to its standard input, read by <c>sparkish executor</c>. One line per value (name, equals sign, Base64)
/// and an empty one at the end.
/// </summary>
internal static class ExecutorSecrets
{
    private const string Secret = "secret";
    private const string Encrypts = "encrypts";

    public static IEnumerable<string> Format(ExecutorArguments arguments)
    {
        yield return $"{Secret}={Convert.ToBase64String(arguments.Secret.Span)}";
        yield return $"{Encrypts}={Encode(arguments.Encrypts ? bool.TrueString : bool.FalseString)}";
        foreach (var (key, value) in arguments.Credentials) yield return $"{key}={Encode(value)}";
        yield return "";
    }

    /// <summary>Parses the output of <see cref="Format"/>.</summary>
    /// <exception cref="SparkException">The input is empty or invalid.</exception>
    public static ExecutorArguments AddTo(ExecutorArguments arguments, TextReader input)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        while (input.ReadLine() is { Length: > 0 } line)
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw Missing();
            values[line[..equals]] = line[(equals + 1)..];
        }

        if (!values.Remove(Secret, out var secret) || !values.Remove(Encrypts, out var encrypts)) throw Missing();
        try
        {
            return arguments with
            {
                Secret = Convert.FromBase64String(secret),
                Encrypts = bool.Parse(Decode(encrypts)),
                Credentials = values.ToDictionary(static entry => entry.Key, static entry => Decode(entry.Value), StringComparer.Ordinal),
            };
        }
        catch (FormatException)
        {
            throw Missing();
        }
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Decode(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));

    private static SparkException Missing() => new(
        "The standard input of the executor does not hold the secrets that it needs. Executors are started by workers, which write them there.");
}
