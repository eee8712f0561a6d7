using Sparkish.Compute;

namespace Sparkish.Input;

/// <summary>A range of bytes of a file: the lines that start within it.</summary>
internal sealed class FileSplit(int index, InputFile file, long start, long end) : Partition(index)
{
    public InputFile File { get; } = file;

    public long Start { get; } = start;

    public long End { get; } = end;
}
