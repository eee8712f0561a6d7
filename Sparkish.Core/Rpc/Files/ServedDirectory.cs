using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Files;

/// <summary>A directory whose files are served: finds them by paths of peers, and nothing outside of it.</summary>
internal sealed class ServedDirectory(string root)
{
    /// <summary>The directory as it was given.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The file that a path names, its segments percent-encoded.</summary>
    /// <exception cref="BulkNotFoundException">The path leads out of the directory, or to nothing.</exception>
    public string Find(string path)
    {
        string[] segments = [.. path.Split('/').Select(Uri.UnescapeDataString)];
        if (Array.Find(segments, static segment => !IsName(segment)) is { } wrong)
            throw new BulkNotFoundException(
                $"'{path}' is no path of a file below a directory: '{wrong.Replace("\0", "\\0", StringComparison.Ordinal)}' is not a name.");
        try
        {
            var file = Path.Combine([Root, .. segments]);
            return Links.IsBelow(file, Root)
                ? Links.Follow(file)
                : throw new BulkNotFoundException($"'{path}' leads out of the directory that is served.");
        }
        catch (IOException error)
        {
            throw new BulkNotFoundException(error.Message);
        }
    }

    /// <summary>Whether a decoded segment is a name and nothing that leads elsewhere, on this system or another.</summary>
    private static bool IsName(string segment) =>
        segment is not ("" or "." or "..") && segment.AsSpan().IndexOfAny('/', '\\', '\0') < 0
        && !(segment.Length >= 2 && segment[1] == ':' && char.IsAsciiLetter(segment[0]));
}
