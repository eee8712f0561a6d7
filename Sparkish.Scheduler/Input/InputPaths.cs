namespace Sparkish.Input;

/// <summary>
/// The files of an input path, by the rules of Hadoop's FileInputFormat for local files. A path may be several paths separated by commas, and may contain
/// patterns. A directory stands for its files; names that start with <c>_</c> or <c>.</c> are hidden.
/// </summary>
internal sealed class InputPaths
{
    private readonly string _text;
    private readonly IReadOnlyList<InputPath> _paths;

    private InputPaths(string text, IReadOnlyList<InputPath> paths)
    {
        _text = text;
        _paths = paths;
    }

    /// <summary>Parses a path; <see cref="Find()"/> accesses the file system.</summary>
    /// <exception cref="SparkException">A path is empty, of another file system, or an invalid pattern.</exception>
    public static InputPaths Parse(string text)
    {
        var paths = GlobPattern.SplitOutsideBraces(text).Select(part => part.Length > 0 ? ParseOne(part)
            : throw new SparkException($"Input path '{text}' has an empty part: remove the comma, or write '?' for a comma in a name.")).ToArray();
        return new InputPaths(text, paths);
    }

    /// <summary>The paths of the files, in the order of the paths and then of names.</summary>
    /// <exception cref="SparkException">A path does not exist, contains subdirectories, or cannot be listed.</exception>
    public IEnumerable<string> Find() => _paths.SelectMany(Find);

    private static InputPath ParseOne(string text) => new(text, [.. GlobPattern.ExpandSlashes(LocalPath.WithoutScheme(text)).Select(Path.GetFullPath)
        .Select(static full => new Alternative(full, [.. Components(full).Select(static component => new GlobPattern(component))]))]);

    private IEnumerable<string> Find(InputPath path)
    {
        try
        {
            var matched = path.Alternatives.SelectMany(static one => MatchComponents(Path.GetPathRoot(one.Path)!, one.Components))
                .Where(static found => !IsHidden(found)).Order(StringComparer.Ordinal).ToArray();
            if (matched.Length == 0) throw path.IsPattern ? new SparkException($"Input pattern matches no files: {path.Text}.") : Missing(path.Alternatives[0].Path);
            return [.. matched.SelectMany(FilesOf)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"Cannot list the input {path.Text}: {e.Message}", e);
        }
    }

    private SparkException Missing(string path)
    {
        var advice = "Give a file, a directory or a glob.";
        if (IsHidden(path)) advice = "A name that starts with '_' or '.' is hidden: rename it.";
        else if (_paths.Count > 1 && (Exists(_text) || path.Contains("/ ", StringComparison.Ordinal)))
            advice = "A comma separates paths and a space beside it belongs to the name; write '?' for a comma in a name.";
        else if (path.Contains('%', StringComparison.Ordinal) && Exists(Uri.UnescapeDataString(path)))
            advice = $"Percent signs in a file: URL are not decoded: write {Uri.UnescapeDataString(path)}.";
        return new SparkException($"Input path does not exist: {path}. {advice}");
    }

    private static IEnumerable<string> MatchComponents(string root, GlobPattern[] components)
    {
        IEnumerable<string> candidates = [root];
        for (var i = 0; i < components.Length; i++)
        {
            var component = components[i];
            var isLast = i == components.Length - 1;
            candidates = component.IsPattern
                ? candidates.Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries)
                    .Where(entry => component.Matches(Path.GetFileName(entry)) && (isLast || Directory.Exists(entry)))
                : candidates.Select(directory => Path.Combine(directory, component.Literal)).Where(entry => !isLast || Exists(entry));
        }

        return candidates;
    }

    private static IEnumerable<string> FilesOf(string path)
    {
        if (!Directory.Exists(path)) return [path];
        var entries = Directory.EnumerateFileSystemEntries(path).Where(static entry => !IsHidden(entry)).Order(StringComparer.Ordinal).ToArray();
        var subdirectory = Array.Find(entries, Directory.Exists);
        return subdirectory is null ? entries
            : throw new SparkException($"Not a file: {subdirectory}. A directory with subdirectories is not read: name their files, as in {path}/*/*.");
    }

    private static string[] Components(string path) =>
        path[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);

    private static bool IsHidden(string path) => Path.GetFileName(path.AsSpan()) is ['_' or '.', ..];

    // A broken link counts as existing: skipping it would lose its file silently.
    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>One of the paths between commas, as written, and its alternatives.</summary>
    private sealed record InputPath(string Text, Alternative[] Alternatives)
    {
        public bool IsPattern => Alternatives.Length > 1 || Alternatives[0].Components.Any(static component => component.IsPattern);
    }

    /// <summary>A path whose braces contain no slash, with a pattern for each of its directories.</summary>
    private sealed record Alternative(string Path, GlobPattern[] Components);
}
