namespace Sparkish.Shuffle;

/// <summary>A temporary file with a range of bytes for each partition; deleted when it is disposed.</summary>
internal sealed class SpillFile : IDisposable
{
    private const int CopyBufferSize = 256 * 1024;

    private readonly FileStream _file;
    private readonly long[] _offsets;

    private SpillFile(FileStream file, long[] offsets)
    {
        _file = file;
        _offsets = offsets;
    }

    public static SpillFile Write(string path, int partitions, Action<int, Stream> writePartition)
    {
        var file = PrivateFiles.CreateNew(path, CopyBufferSize, FileOptions.DeleteOnClose);
        try
        {
            return new SpillFile(file, WriteAll(file, partitions, writePartition));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes all partitions one after the other; returns the start of each and the end of the last.</summary>
    public static long[] WriteAll(Stream file, int partitions, Action<int, Stream> writePartition)
    {
        var offsets = new long[partitions + 1];
        for (var partition = 0; partition < partitions; partition++)
        {
            writePartition(partition, file);
            offsets[partition + 1] = file.Position;
        }

        file.Flush();
        return offsets;
    }

    public void CopyTo(int partition, Stream destination)
    {
        var left = _offsets[partition + 1] - _offsets[partition];
        var buffer = new byte[Math.Min(left, CopyBufferSize)];
        _file.Position = _offsets[partition];
        while (left > 0)
        {
            var read = _file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0) throw new EndOfStreamException($"{_file.Name} is shorter than it was written.");
            destination.Write(buffer, 0, read);
            left -= read;
        }
    }

    /// <summary>Opens a partition for a reader, which receives the file at the partition's start and its length; one at a time.</summary>
    public void Open(int partition, Action<Stream, long> open)
    {
        _file.Position = _offsets[partition];
        open(_file, _offsets[partition + 1] - _offsets[partition]);
    }

    public void Dispose() => _file.Dispose();
}
