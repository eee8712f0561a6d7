using Sparkish.Compute;
using Sparkish.Serialization;

namespace Sparkish.Shuffle;

/// <summary>
/// Writes the pairs of one map task by reduce partition. They are buffered in memory, spilled to temporary files beyond a limit, and joined into one data and
/// one index file at the commit. Without a commit no file remains.
/// </summary>
internal sealed class ShuffleWriter<TKey, TValue> : IDisposable
{
    private readonly Partitioner<TKey> _partitioner;
    private readonly PartitionBuffer<(TKey Key, TValue Value)>[] _buffers;
    private readonly long _maxBufferedBytes;
    private readonly ShuffleStore _store;
    private readonly ShuffleFileId _id;
    private readonly List<SpillFile> _spills = [];
    private long _bufferedBytes;

    public ShuffleWriter(Partitioner<TKey> partitioner, ShuffleOptions options, ShuffleStore store, int shuffleId, long mapId,
        Codec<(TKey Key, TValue Value)>? codec = null)
    {
        _partitioner = partitioner;
        _maxBufferedBytes = options.MaxBufferedBytes;
        _store = store;
        _id = new ShuffleFileId(shuffleId, mapId);
        codec ??= Codec.For<(TKey Key, TValue Value)>();
        _buffers = new PartitionBuffer<(TKey Key, TValue Value)>[partitioner.NumPartitions];
        for (var i = 0; i < _buffers.Length; i++) _buffers[i] = new PartitionBuffer<(TKey Key, TValue Value)>(codec);
    }

    public void Write(in (TKey Key, TValue Value) pair) => Append(_partitioner.GetPartition(pair.Key), pair);

    public void Write(in (TKey Key, TValue Value) pair, uint keyHash) => Append(_partitioner.GetPartition(pair.Key, keyHash), pair);

    /// <summary>Publishes the output under its final name; returns the size of each reduce partition.</summary>
    public long[] Commit() => _store.Commit(_id, _buffers.Length, (partition, file) =>
    {
        foreach (var spill in _spills) spill.CopyTo(partition, file);
        _buffers[partition].DrainTo(file);
    });

    public void Dispose()
    {
        foreach (var spill in _spills) spill.Dispose();
        _spills.Clear();
    }

    private void Append(int partition, in (TKey Key, TValue Value) pair)
    {
        _bufferedBytes += _buffers[partition].Append(pair);
        if (_bufferedBytes > _maxBufferedBytes) Spill();
    }

    private void Spill()
    {
        _spills.Add(SpillFile.Write(_store.NewTemporaryPath(), _buffers.Length, (partition, file) => _buffers[partition].DrainTo(file)));
        _bufferedBytes = 0;
    }
}
