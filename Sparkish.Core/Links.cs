namespace Sparkish;

/// <summary>Resolves links, so that the real path of a file is compared with the real path of a directory.</summary>
internal static class Links
{
    private const int MostLinks = 40; // as many as Linux follows

    /// <summary>Returns the path without links; missing parts stay as they are.</summary>
    /// <exception cref="IOException">The path leads through too many links.</exception>
    public static string Follow(string path)
    {
        var full = Path.GetFullPath(path);
        var left = new Stack<string>(Parts(full).Reverse());
        var done = Path.GetPathRoot(full)!;
        var links = 0;
        while (left.TryPop(out var name))
        {
            var next = Path.Combine(done, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                done = next;
                continue;
            }

            if (++links > MostLinks) throw new IOException($"'{Path.GetFileName(full)}' leads through too many links.");
            var aim = Path.GetFullPath(target, done);
            foreach (var part in Parts(aim).Reverse()) left.Push(part);
            done = Path.GetPathRoot(aim)!;
        }

        return done;
    }

    /// <summary>Whether a path leads to something below a directory, wherever links in either lead.</summary>
    public static bool IsBelow(string path, string directory) =>
        Follow(path).StartsWith(Follow(directory).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string[] Parts(string path) =>
        path[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
}
