using System.Text;

namespace Sparkish.Input;

/// <summary>Decodes a line of UTF-8. Invalid bytes become as many U+FFFD as in Java, so that lines equal Spark's.</summary>
internal static class LineText
{
    private const char Replacement = '\uFFFD';

    public static string Decode(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        return text.Contains(Replacement, StringComparison.Ordinal) ? DecodeLikeJava(line) : text;
    }

    private static string DecodeLikeJava(ReadOnlySpan<byte> line)
    {
        var text = new StringBuilder(line.Length);
        Span<char> characters = stackalloc char[2];
        while (!line.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(line, out var rune, out var length) == System.Buffers.OperationStatus.Done)
            {
                text.Append(characters[..rune.EncodeToUtf16(characters)]);
            }
            else
            {
                text.Append(Replacement);
                length = InvalidLength(line);
            }

            line = line[length..];
        }

        return text.ToString();
    }

    /// <summary>
    /// Number of bytes that Java's decoder replaces at once. .NET takes the longest valid prefix; Java takes an encoded surrogate as a unit, and the missing
    /// bytes of a long sequence at the end of the line.
    /// </summary>
    private static int InvalidLength(ReadOnlySpan<byte> bytes)
    {
        var isLong = bytes[0] is >= 0xE0 and <= 0xF4;
        if (!isLong || bytes.Length == 1) return 1;
        if (!IsSecond(bytes[0], bytes[1])) return 1;
        if (bytes.Length == 2) return 2;
        return IsContinuation(bytes[2]) ? 3 : 2;
    }

    private static bool IsSecond(byte first, byte second) => IsContinuation(second) && first switch
    {
        0xE0 => second >= 0xA0,
        0xF0 => second >= 0x90,
        0xF4 => second < 0x90,
        _ => true,
    };

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}
