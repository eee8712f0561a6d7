using Sparkish.Compute;

namespace Sparkish.Input;

/// <summary>Finds the files of an input path and cuts them into splits, as Hadoop's FileInputFormat does for local files.</summary>
internal static class TextFileInput
{
    /// <summary>Maximum size of a split, so that a large file keeps every core busy; Hadoop's block size for local files.</summary>
    private const long MaxSplitBytes = 32L << 20;

    /// <summary>A rest of up to a tenth of a split gets no separate task.</summary>
    private const double Slop = 1.1;

    /// <exception cref="SparkException">A path does not exist, is not a file that can be read as text, or a pattern matches nothing.</exception>
    public static Partition[] Split(InputPaths paths, int minPartitions, TimeProvider clock)
    {
        var files = paths.Find().Select(path => InputFile.List(path, clock)).ToArray();
        var goal = files.Sum(static file => file.Length) / Math.Max(minPartitions, 1);
        var splitBytes = Math.Max(1, Math.Min(goal, MaxSplitBytes));
        var splits = files.SelectMany(file => Compression.Of(file.Path) is null
            ? Cut(file.Length, splitBytes).Select(range => (File: file, range.Start, range.End))
            : [(file, 0L, long.MaxValue)]);
        return [.. splits.Select(static (split, index) => new FileSplit(index, split.File, split.Start, split.End))];
    }

    /// <summary>Divides a file into ranges of bytes; an empty file has none.</summary>
    internal static IEnumerable<(long Start, long End)> Cut(long length, long splitBytes)
    {
        long start = 0;
        for (; (double)(length - start) / splitBytes > Slop; start += splitBytes) yield return (start, start + splitBytes);
        if (start < length) yield return (start, length);
    }
}
