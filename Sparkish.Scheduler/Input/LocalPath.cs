using System.Text.RegularExpressions;

namespace Sparkish.Input;

/// <summary>The local path that a user wrote, as a path or as a <c>file:</c> URL, by the rules of Hadoop's Path.</summary>
internal static partial class LocalPath
{
    /// <summary>
    /// Returns the absolute path. A <c>file:</c> URL keeps its percent signs: Spark does not decode them, so that each name can be written literally.
    /// </summary>
    /// <exception cref="SparkException">The text names another file system, or a URL without an absolute path.</exception>
    public static string Parse(string text) => Path.GetFullPath(WithoutScheme(text));

    /// <summary>The path, absolute or not, with slashes between directories.</summary>
    /// <exception cref="SparkException">The text names another file system, or a URL without an absolute path.</exception>
    public static string WithoutScheme(string text)
    {
        if (string.IsNullOrEmpty(text)) throw new SparkException("A path is empty: give a file or a directory.");
        if (text.Contains('\0', StringComparison.Ordinal)) throw new SparkException("A path holds the character NUL, which file names cannot contain.");
        if (SchemeOf().Match(text) is not { Success: true } match) return WithSlashes(text);
        var scheme = match.Groups["scheme"].Value;
        var rest = match.Groups["rest"].Value;
        if (!scheme.Equals("file", StringComparison.OrdinalIgnoreCase))
            throw new SparkException($"Cannot use '{text}': no file system for the scheme '{scheme}'. Give a local path or a file: URL.");
        if (!rest.StartsWith("//", StringComparison.Ordinal)) return WithSlashes(rest);
        if (rest.Length < 3 || rest[2] is not '/')
            throw new SparkException($"Cannot use '{text}': a file: URL names no host. Write file:///directory/name.");
        return WithSlashes(rest[2..]);
    }

    private static string WithSlashes(string path)
    {
        if (!OperatingSystem.IsWindows()) return path;

        // The path of a URL starts with a slash before the drive.
        return (path.Length > 2 && path[0] is '/' && path[2] is ':' ? path[1..] : path).Replace('\\', '/');
    }

    // A colon is common in names of files (times of day), so only a colon before a slash ends a scheme; a single letter is a Windows drive.
    [GeneratedRegex("^(?<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?<rest>/.*)$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SchemeOf();
}
