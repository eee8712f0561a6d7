using Sparkish.Keys;

namespace Sparkish.Compute;

/// <summary>Says to which partition a key belongs; the same on every node.</summary>
internal abstract class Partitioner<TKey>(int numPartitions)
{
    public int NumPartitions { get; } = numPartitions;

    public abstract int GetPartition(TKey key);

    /// <summary>The same for a key whose hash is known already.</summary>
    public virtual int GetPartition(TKey key, uint hash) => GetPartition(key);
}

internal sealed class HashPartitioner<TKey>(int numPartitions) : Partitioner<TKey>(numPartitions)
{
    public override int GetPartition(TKey key) => GetPartition(key, KeyHasher<TKey>.Default.Hash(key));

    // The high bits choose the partition, so that the low ones, which choose the slot in a table, still differ within one.
    public override int GetPartition(TKey key, uint hash) => (int)(((ulong)hash * (uint)NumPartitions) >> 32);
}

/// <summary>Cuts the order of keys at bounds: a key goes to the first partition whose bound is not below it; descending mirrors the partitions.</summary>
internal sealed class RangePartitioner<TKey>(TKey[] bounds, bool ascending) : Partitioner<TKey>(bounds.Length + 1)
{
    public override int GetPartition(TKey key)
    {
        var found = Array.BinarySearch(bounds, key, KeyComparer<TKey>.Default);
        var partition = found < 0 ? ~found : found;
        return ascending ? partition : bounds.Length - partition;
    }
}
