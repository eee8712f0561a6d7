using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Shuffle;

/// <summary>
/// The shuffle files of one executor: one data and one index file per map task. The index file (the end of each partition in the data file, little-endian) is
/// renamed into place last, so a map output exists completely or not at all. Serves parts of them to other executors. Thread-safe.
/// </summary>
internal sealed class ShuffleStore : IBulkSource, IDisposable
{
    /// <summary>The prefix of bulk paths: <c>shuffle/SHUFFLE/REDUCE/MAP,MAP,…</c>.</summary>
    public const string BulkPrefix = "shuffle";

    private const int WriteBufferSize = 256 * 1024;

    private readonly ConcurrentDictionary<ShuffleFileId, long[]> _offsets = new();
    private readonly ScratchDirectory _scratch;

    public ShuffleStore(string parentDirectory)
    {
        PrivateFiles.CreateDirectory(parentDirectory);
        _scratch = ScratchDirectory.Create(parentDirectory, "blockmgr-");
    }

    private string Location => _scratch.Path;

    public string NewTemporaryPath() => Path.Combine(Location, $"temp_shuffle_{Guid.NewGuid():N}");

    /// <summary>Writes the partitions of a map output in order and publishes it; returns the size of each.</summary>
    public long[] Commit(ShuffleFileId id, int partitions, Action<int, Stream> writePartition)
    {
        var temporaryData = NewTemporaryPath();
        var temporaryIndex = NewTemporaryPath();
        try
        {
            long[] offsets;
            using (var data = PrivateFiles.CreateNew(temporaryData, WriteBufferSize))
                offsets = SpillFile.WriteAll(data, partitions, writePartition);
            WriteIndex(temporaryIndex, offsets);
            File.Move(temporaryData, Path.Combine(Location, id.DataName), overwrite: true);
            File.Move(temporaryIndex, Path.Combine(Location, id.IndexName), overwrite: true);
            _offsets[id] = offsets;
            return [.. offsets.Skip(1).Zip(offsets, static (end, start) => end - start)];
        }
        catch
        {
            File.Delete(temporaryData);
            File.Delete(temporaryIndex);
            throw;
        }
    }

    /// <summary>Opens the part of a map output that belongs to a reduce partition.</summary>
    /// <exception cref="BulkNotFoundException">The output does not exist here.</exception>
    public (SafeFileHandle File, long Offset, long Length) OpenPart(ShuffleFileId id, int reduceId)
    {
        try
        {
            var offsets = _offsets.GetOrAdd(id, ReadIndex);
            if ((uint)reduceId >= (uint)(offsets.Length - 1)) throw new BulkNotFoundException($"{id} has no partition {reduceId}.");
            var file = File.OpenHandle(Path.Combine(Location, id.DataName));
            return (file, offsets[reduceId], offsets[reduceId + 1] - offsets[reduceId]);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BulkNotFoundException($"{id} is not on this executor.");
        }
    }

    /// <inheritdoc/>
    /// <remarks>The body contains, for each map output in the order of the path, the length of its part (eight bytes) and the part.</remarks>
    public BulkContent Open(string path)
    {
        var (shuffleId, reduceId, mapIds) = ParsePath(path);
        var content = new BulkContent();
        try
        {
            foreach (var mapId in mapIds)
            {
                var (file, offset, length) = OpenPart(new ShuffleFileId(shuffleId, mapId), reduceId);
                var prefix = new byte[sizeof(long)];
                BinaryPrimitives.WriteInt64LittleEndian(prefix, length);
                content.Add(prefix).Add(file, offset, length);
            }

            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    public static string BulkPath(int shuffleId, int reduceId, IEnumerable<long> mapIds) =>
        string.Create(CultureInfo.InvariantCulture, $"{BulkPrefix}/{shuffleId}/{reduceId}/") + string.Join(',', mapIds);

    /// <summary>Deletes all files.</summary>
    public void Dispose() => _scratch.Dispose();

    private static (int ShuffleId, int ReduceId, long[] MapIds) ParsePath(string path)
    {
        try
        {
            var parts = path.Split('/');
            if (parts.Length != 3) throw new FormatException();
            var number = CultureInfo.InvariantCulture;
            return (int.Parse(parts[0], NumberStyles.None, number), int.Parse(parts[1], NumberStyles.None, number),
                [.. parts[2].Split(',').Select(map => long.Parse(map, NumberStyles.None, number))]);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new BulkNotFoundException($"'{path}' is not a shuffle path: it must be SHUFFLE/REDUCE/MAP,MAP,….");
        }
    }

    private static void WriteIndex(string path, long[] offsets)
    {
        var bytes = new byte[offsets.Length * sizeof(long)];
        for (var i = 0; i < offsets.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), offsets[i]);
        PrivateFiles.WriteAllBytes(path, bytes);
    }

    private long[] ReadIndex(ShuffleFileId id)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Location, id.IndexName));
        var offsets = new long[bytes.Length / sizeof(long)];
        for (var i = 0; i < offsets.Length; i++) offsets[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long)));
        return offsets;
    }
}
