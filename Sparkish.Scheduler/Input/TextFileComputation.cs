using Sparkish.Compute;

namespace Sparkish.Input;

/// <summary>The lines of a part of a text file.</summary>
internal sealed class TextFileComputation : Computation<string>
{
    public override PartitionReader<string> Open(Partition partition, TaskContext context)
    {
        var split = (FileSplit)partition;
        var file = split.File.Open();
        try
        {
            return new Reader(split.File, file, OpenLines(split, file), context);
        }
        catch (Exception e) when (e is not SparkException)
        {
            file.Dispose();
            throw split.File.Unreadable(e);
        }
    }

    private static LineReader OpenLines(FileSplit split, FileStream file) =>
        Compression.Of(split.File.Path) is { } compression
            ? new LineReader(compression.Open(file), 0, long.MaxValue)
            : LineReader.OpenSplit(file, split.Start, split.End);

    private sealed class Reader(InputFile input, FileStream file, LineReader lines, TaskContext context) : PartitionReader<string>
    {
        public override int Read(Span<string> batch)
        {
            context.ThrowIfKilled();
            try
            {
                var count = 0;
                while (count < batch.Length && lines.ReadLine() is { } line) batch[count++] = line;

                // Lines read from a file during a change are worthless, so the file is checked again.
                if (count < batch.Length) input.ThrowIfChanged(file);
                return count;
            }
            catch (Exception e) when (e is not (SparkException or OutOfMemoryException))
            {
                // Decompressors throw exceptions of many types, and none names the file.
                throw input.Unreadable(e);
            }
        }

        protected override void Close()
        {
            lines.Dispose();
            file.Dispose();
        }
    }
}
