using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Files;

/// <summary>A directory whose files are served: resolves paths from peers, and none outside the directory.</summary>
internal sealed class ServedDirectory(string root)
{
    /// <summary>The path of the directory as it was registered.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The file that a path names, its segments percent-encoded.</summary>
    /// <exception cref="BulkNotFoundException">The path leads out of the directory, or to nothing.</exception>
    public string Find(string path)
    {
        string[] segments = [.. path.Split('/').Select(Uri.UnescapeDataString)];
        if (Array.Find(segments, static segment => !IsName(segment)) is { } wrong)
            throw new BulkNotFoundException(
                $"'{path}' is not a path below the served directory: '{wrong.Replace("\0", "\\0", StringComparison.Ordinal)}' is not a valid name.");
        try
        {
            var file = Path.Combine([Root, .. segments]);
            return Links.IsBelow(file, Root)
                ? Links.Follow(file)
                : throw new BulkNotFoundException($"'{path}' leads out of the served directory.");
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
