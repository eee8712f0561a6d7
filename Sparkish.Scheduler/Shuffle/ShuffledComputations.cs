#pragma warning disable MA0048 // the two reduce sides
using Sparkish.Compute;
using Sparkish.Keys;

namespace Sparkish.Shuffle;

/// <summary>The reduce side of a shuffle that combines values: one pair per key.</summary>
internal sealed class ReducedComputation<TKey, TValue>(ShuffleDescription<TKey, TValue> shuffle) : Computation<(TKey Key, TValue Value)>
{
    public override PartitionReader<(TKey Key, TValue Value)> Open(Partition partition, TaskContext context)
    {
        var reader = new ReducedReader<TKey, TValue>(shuffle.Combine!, context, ShuffleEnv.Of(context).ShuffleMemory);
        try
        {
            using var source = new ShuffleReader<TKey, TValue>(shuffle.ShuffleId, partition.Index, context);
            reader.Combine(source);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }
}

/// <summary>The reduce side of a shuffle by ranges: the pairs of one range in order.</summary>
internal sealed class SortedComputation<TKey, TValue>(ShuffleDescription<TKey, TValue> shuffle, bool ascending) : Computation<(TKey Key, TValue Value)>
{
    public override PartitionReader<(TKey Key, TValue Value)> Open(Partition partition, TaskContext context)
    {
        using var source = new ShuffleReader<TKey, TValue>(shuffle.ShuffleId, partition.Index, context);
        var pairs = source.ReadToEnd();
        var keys = Array.ConvertAll(pairs, static pair => pair.Key);
        var order = KeyComparer<TKey>.Default;
        Array.Sort(keys, pairs, ascending ? order : Comparer<TKey>.Create((x, y) => order.Compare(y, x)));
        return new Reader(pairs);
    }

    private sealed class Reader(ReadOnlyMemory<(TKey Key, TValue Value)> rest) : PartitionReader<(TKey Key, TValue Value)>
    {
        private ReadOnlyMemory<(TKey Key, TValue Value)> _rest = rest;

        public override int Read(Span<(TKey Key, TValue Value)> batch)
        {
            var count = Math.Min(batch.Length, _rest.Length);
            _rest.Span[..count].CopyTo(batch);
            _rest = _rest[count..];
            return count;
        }
    }
}
