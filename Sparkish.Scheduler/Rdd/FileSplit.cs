using Sparkish.Compute;

namespace Sparkish;

/// <summary>A range of bytes of a file: the lines that start within it.</summary>
internal sealed class FileSplit(int index, string path, long start, long end) : Partition(index)
{
    public string Path { get; } = path;

    public long Start { get; } = start;

    public long End { get; } = end;
}
