using System.Globalization;
using System.Text;

namespace Sparkish.Rpc.Files;

/// <summary>One version of a file: its length, its last write time (ticks, UTC) and the SHA-256 of its content in hexadecimal.</summary>
internal sealed record FileVersion(long Length, long LastWriteTicks, string Hash)
{
    /// <summary>Identifies exactly this version.</summary>
    public string Tag => string.Create(CultureInfo.InvariantCulture, $"{Length}-{LastWriteTicks}-{Hash}");

    public byte[] ToBytes() => Encoding.ASCII.GetBytes(Tag);

    /// <summary>Parses the output of <see cref="ToBytes"/>; null if the bytes are invalid.</summary>
    public static FileVersion? TryParse(ReadOnlySpan<byte> bytes)
    {
        var parts = Encoding.ASCII.GetString(bytes).Split('-');
        if (parts.Length != 3 || !IsHash(parts[2])) return null;
        return long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new FileVersion(length, ticks, parts[2])
            : null;
    }

    /// <summary>Whether a text is a SHA-256 in this notation, and so valid as a file name.</summary>
    public static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
