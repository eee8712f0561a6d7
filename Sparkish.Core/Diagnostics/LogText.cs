using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sparkish.Diagnostics;

/// <summary>Escapes text for logs and terminals: characters that would break a line, move a cursor or change the reading direction.</summary>
internal static class LogText
{
    // Controls (C0, DEL, C1), line and paragraph separators, marks and overrides of direction, the byte order mark and interlinear annotations.
    private static readonly SearchValues<char> Unsafe = SearchValues.Create(
        [.. Range('\0', '\x1f'), .. Range('\x7f', '\x9f'), '\u061c', '\u200e', '\u200f', .. Range('\u2028', '\u202e'), .. Range('\u2066', '\u2069'),
            '\ufeff', .. Range('\ufff9', '\ufffb')]);

    /// <summary>Whether a text needs no escapes within a line.</summary>
    public static bool IsPlain(ReadOnlySpan<char> text) => !text.ContainsAny(Unsafe);

    /// <summary>Formats a text on one line.</summary>
    public static string Escape(string text) => IsPlain(text) ? text : Escape(text, lineBreak: null);

    /// <summary>
    /// Formats a text of several lines, such as a stack trace; the second and later lines are indented, so that none looks like a separate event.
    /// </summary>
    public static string EscapeLines(string text) => IsPlain(text) ? text : Escape(text, lineBreak: "\n    ");

    /// <summary>Formats a peer's text for an exception: it keeps its lines.</summary>
    public static string KeepLines(string text) => IsPlain(text) ? text : Escape(text, lineBreak: "\n");

    /// <summary>Formats a peer's text for a message: on one line, and of a bounded length.</summary>
    public static string Shorten(string text, int maxChars) => Escape(text.Length <= maxChars ? text : $"{text.AsSpan(0, maxChars)}…");

    private static string Escape(string text, string? lineBreak)
    {
        var escaped = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var endsLine = lineBreak is not null && c == '\r' && i + 1 < text.Length && text[i + 1] == '\n';
            if (endsLine) i++;
            escaped.Append(c switch
            {
                '\n' when lineBreak is not null => lineBreak,
                '\r' when endsLine => lineBreak,
                '\t' when lineBreak is not null => "\t",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when Unsafe.Contains(c) => $"\\u{((int)c).ToString("x4", CultureInfo.InvariantCulture)}",
                _ => c.ToString(),
            });
        }

        return escaped.ToString();
    }

    private static char[] Range(char first, char last) => [.. Enumerable.Range(first, last - first + 1).Select(static c => (char)c)];
}
