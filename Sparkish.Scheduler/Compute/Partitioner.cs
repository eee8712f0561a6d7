using Sparkish.Keys;

namespace Sparkish.Compute;

/// <summary>Maps a key to its partition, equally on every node.</summary>
internal abstract class Partitioner<TKey>(int numPartitions)
{
    public int NumPartitions { get; } = numPartitions;

    public abstract int GetPartition(TKey key);

    /// <summary>Maps a key with a known hash.</summary>
    public virtual int GetPartition(TKey key, uint hash) => GetPartition(key);
}

internal sealed class HashPartitioner<TKey>(int numPartitions) : Partitioner<TKey>(numPartitions)
{
    public override int GetPartition(TKey key) => GetPartition(key, KeyHasher<TKey>.Default.Hash(key));

    // The high bits choose the partition, so that the low ones, which choose the slot in a table, still differ within a partition.
    public override int GetPartition(TKey key, uint hash) => (int)(((ulong)hash * (uint)NumPartitions) >> 32);
}

/// <summary>Divides the order of keys at bounds: a key belongs to the first partition whose bound is not below it; descending mirrors the partitions.</summary>
internal sealed class RangePartitioner<TKey>(TKey[] bounds, bool ascending) : Partitioner<TKey>(bounds.Length + 1)
{
    public override int GetPartition(TKey key)
    {
        var found = Array.BinarySearch(bounds, key, KeyComparer<TKey>.Default);
        var partition = found < 0 ? ~found : found;
        return ascending ? partition : bounds.Length - partition;
    }
}
