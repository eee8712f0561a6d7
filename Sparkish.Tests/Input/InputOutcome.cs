using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sparkish.Tests.Input;

/// <summary>What came of reading an input: its lines, in the order of their text, or an error.</summary>
internal sealed record InputOutcome(string Text, bool IsError)
{
    private const int MaxShown = 60;

    public static InputOutcome OfLines(IEnumerable<string> lines)
    {
        var sorted = lines.Order(StringComparer.Ordinal).ToArray();
        var all = Encoding.UTF8.GetBytes(string.Join('\n', sorted));
        return Of(sorted.Length, Convert.ToHexStringLower(SHA256.HashData(all).AsSpan(0, 4)), all.Length <= MaxShown ? sorted : null);
    }

    public static InputOutcome OfError(string message, string directory)
    {
        var first = message.Replace(directory, "/d", StringComparison.Ordinal)
            .Replace(Environment.CurrentDirectory, "/cwd", StringComparison.Ordinal).Replace('`', '\'').Split('\n')[0];
        return new InputOutcome($"error: {Escape(first.Length > 160 ? first[..160] + "…" : first)}", IsError: true);
    }

    /// <summary>Reads a line that SparkInputs.java wrote.</summary>
    public static InputOutcome OfSpark(string line, string directory)
    {
        var fields = line.Split('\t');
        if (fields[0] is "error") return OfError(Decode(fields[1]), directory);
        var count = int.Parse(fields[0], CultureInfo.InvariantCulture);
        return Of(count, fields[1], fields[2].Length > 0 ? Decode(fields[2]).Split('\n') : count > 0 && fields[1] is "e3b0c442" ? [""] : null);
    }

    private static InputOutcome Of(int count, string digest, string[]? shown) => new(
        count == 0 ? "no lines"
        : shown is null ? string.Create(CultureInfo.InvariantCulture, $"{count} lines, SHA-256 {digest}…")
        : string.Join(' ', shown.Select(static line => line.Length == 0 ? "(empty)" : $"`{Escape(line)}`")), IsError: false);

    private static string Decode(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));

    private static string Escape(string text) => string.Concat(text.Select(static c =>
        c is '|' or '`' or '\\' or < ' ' or (> '~' and not '…') ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}") : c.ToString()));
}
