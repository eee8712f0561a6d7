using System.Text;

namespace Sparkish.Assemblies;

/// <summary>A driver's answer to a request for a file of the application, before any is sent: the files to fetch, and their hashes.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Files">The files, the requested one first.</param>
/// <param name="Reason">The reason why no file was found.</param>
internal sealed record AssetAnswer(AssetStatus Status, IReadOnlyList<AssetFile> Files, string Reason)
{
    /// <summary>Follows the path of a file to ask for this instead of its content.</summary>
    public const string Query = "?asset";

    private const int MaxFiles = 1000;
    private const int HashLength = 64;

    /// <summary>Formats lines of text: the status, then a hash and a name for each file, or the reason.</summary>
    public byte[] ToBytes()
    {
        var lines = Files.Select(static file => $"{file.Hash} {file.Name}").Append(Reason).Prepend(Status.ToString());
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    /// <summary>Parses the output of <see cref="ToBytes"/>.</summary>
    /// <exception cref="SparkException">The bytes are invalid, or contain a name that is not a plain file name.</exception>
    public static AssetAnswer Parse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n', MaxFiles + 2);
        if (lines.Length < 2 || !Enum.TryParse<AssetStatus>(lines[0], out var status) || !Enum.IsDefined(status)) throw NoAnswer(lines[0]);
        if (status != AssetStatus.Found) return new AssetAnswer(status, [], string.Join('\n', lines[1..]));
        AssetFile[] files = [.. lines[1..^1].Select(ParseFile)];
        return files.Length > 0 ? new AssetAnswer(status, files, "") : throw NoAnswer(lines[0]);
    }

    private static AssetFile ParseFile(string line)
    {
        if (line.Length <= HashLength + 1 || line[HashLength] != ' ' || !line[..HashLength].All(char.IsAsciiHexDigitLower)) throw NoAnswer(line);
        var name = line[(HashLength + 1)..];
        return FileNames.IsPlain(name) ? new AssetFile(name, line[..HashLength]) : throw NoAnswer(line);
    }

    private static SparkException NoAnswer(string line) =>
        new($"'{line.Replace("\0", "\\0", StringComparison.Ordinal)}' is not a valid answer to a request for an application's file.");
}

/// <summary>A file by its name and the SHA-256 of its content in hexadecimal digits.</summary>
internal readonly record struct AssetFile(string Name, string Hash);

/// <summary>The outcome of a request for a file of the application.</summary>
internal enum AssetStatus
{
    /// <summary>The file exists.</summary>
    Found,

    /// <summary>The application has no such file.</summary>
    Absent,

    /// <summary>The file exists but may not be sent.</summary>
    Refused,
}
