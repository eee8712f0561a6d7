using System.IO.Compression;
using Sparkish.Compute;

namespace Sparkish;

/// <summary>The lines of a part of a text file.</summary>
internal sealed class TextFileComputation : Computation<string>
{
    public override PartitionReader<string> Open(Partition partition, TaskContext context)
    {
        var split = (FileSplit)partition;
        var file = new FileStream(split.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return new Reader(TextFileInput.IsCompressed(split.Path)
            ? new LineReader(new GZipStream(file, CompressionMode.Decompress), 0, long.MaxValue)
            : LineReader.OpenSplit(file, split.Start, split.End), context);
    }

    private sealed class Reader(LineReader lines, TaskContext context) : PartitionReader<string>
    {
        public override int Read(Span<string> batch)
        {
            context.ThrowIfKilled();
            var count = 0;
            while (count < batch.Length && lines.ReadLine() is { } line) batch[count++] = line;
            return count;
        }

        protected override void Close() => lines.Dispose();
    }
}
