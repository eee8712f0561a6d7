using Microsoft.Extensions.FileSystemGlobbing;
using Sparkish.Compute;

namespace Sparkish;

/// <summary>Finds the files of an input path and cuts them into splits, as Hadoop's FileInputFormat does for local files.</summary>
internal static class TextFileInput
{
    /// <summary>No split is larger, so that a large file gives every core work; Hadoop's block size for local files.</summary>
    private const long MaxSplitBytes = 32L << 20;

    /// <summary>A rest of up to a tenth of a split is not worth a task of its own.</summary>
    private const double Slop = 1.1;

    /// <exception cref="SparkException">A path does not exist, or a glob matches nothing.</exception>
    public static Partition[] Split(string path, int minPartitions)
    {
        var files = path.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).SelectMany(Find)
            .Select(static file => new FileInfo(file)).ToArray();
        var goal = files.Sum(static file => file.Length) / Math.Max(minPartitions, 1);
        var splitBytes = Math.Max(1, Math.Min(goal, MaxSplitBytes));
        var splits = files.SelectMany(file => IsSplittable(file.FullName) ? Cut(file.FullName, file.Length, splitBytes) : [(file.FullName, 0L, long.MaxValue)]);
        return [.. splits.Select(static (split, index) => new FileSplit(index, split.Path, split.Start, split.End))];
    }

    /// <summary>Whether reading may start anywhere.</summary>
    public static bool IsSplittable(string path) => !IsCompressed(path);

    public static bool IsCompressed(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>Cuts a file into ranges of bytes; an empty file has none.</summary>
    internal static IEnumerable<(string Path, long Start, long End)> Cut(string path, long length, long splitBytes)
    {
        long start = 0;
        for (; (double)(length - start) / splitBytes > Slop; start += splitBytes) yield return (path, start, start + splitBytes);
        if (start < length) yield return (path, start, length);
    }

    private static IEnumerable<string> Find(string path)
    {
        if (File.Exists(path)) return [Path.GetFullPath(path)];
        if (Directory.Exists(path)) return VisibleFiles(Directory.EnumerateFiles(path));
        if (path.AsSpan().IndexOfAny('*', '?') < 0)
            throw new SparkException($"Input path does not exist: {Path.GetFullPath(path)}. Give a file, a directory or a glob.");
        var matched = Glob(path).ToArray();
        return matched.Length > 0 ? matched : throw new SparkException($"Input pattern matches no files: {path}.");
    }

    private static IEnumerable<string> Glob(string pattern)
    {
        var full = Path.GetFullPath(pattern);
        var segments = full.Split(Path.DirectorySeparatorChar);
        var firstGlob = Array.FindIndex(segments, static segment => segment.AsSpan().IndexOfAny('*', '?') >= 0);
        var root = string.Join(Path.DirectorySeparatorChar, segments.Take(firstGlob)) + Path.DirectorySeparatorChar;
        if (!Directory.Exists(root)) return [];
        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(string.Join('/', segments.Skip(firstGlob)));
        return VisibleFiles(matcher.GetResultsInFullPath(root));
    }

    private static IEnumerable<string> VisibleFiles(IEnumerable<string> files) =>
        files.Select(Path.GetFullPath).Where(static file => Path.GetFileName(file)[0] is not ('_' or '.')).Order(StringComparer.Ordinal);
}
