using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Files;

/// <summary>A directory whose files are served: finds them by paths of peers, and nothing outside of it.</summary>
internal sealed class ServedDirectory(string root)
{
    private const int MaxLinks = 40; // as many as Linux follows

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
        var file = Follow(Path.Combine([Root, .. segments]));
        var within = Follow(Root).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        return file.StartsWith(within, StringComparison.Ordinal)
            ? file
            : throw new BulkNotFoundException($"'{path}' leads out of the directory that is served.");
    }

    /// <summary>Whether a decoded segment is a name and nothing that leads elsewhere, on this system or another.</summary>
    private static bool IsName(string segment) =>
        segment is not ("" or "." or "..") && segment.AsSpan().IndexOfAny('/', '\\', '\0') < 0
        && !(segment.Length >= 2 && segment[1] == ':' && char.IsAsciiLetter(segment[0]));

    /// <summary>The path without links in it; what is not there stays as it is.</summary>
    private static string Follow(string path)
    {
        var left = new Stack<string>(Parts(path).Reverse());
        var done = Path.GetPathRoot(path)!;
        var links = 0;
        while (left.TryPop(out var name))
        {
            var next = Path.Combine(done, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                done = next;
                continue;
            }

            if (++links > MaxLinks) throw new BulkNotFoundException($"'{Path.GetFileName(path)}' leads through too many links.");
            var full = Path.GetFullPath(target, done);
            foreach (var part in Parts(full).Reverse()) left.Push(part);
            done = Path.GetPathRoot(full)!;
        }

        return done;
    }

    private static string[] Parts(string path) =>
        path[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
}
