namespace Sparkish.Assemblies;

/// <summary>Validates names of files from peers.</summary>
internal static class FileNames
{
    private const int MaxLength = 255;

    /// <summary>
    /// Whether a text is the name of one file, on this system and any other: no separator, drive, NUL or control character, nor <c>.</c> or <c>..</c>.
    /// </summary>
    public static bool IsPlain(string name) =>
        name is not ("" or "." or "..") && name.Length <= MaxLength && !name.AsSpan().ContainsAny('/', '\\', ':') && !name.Any(char.IsControl);
}
