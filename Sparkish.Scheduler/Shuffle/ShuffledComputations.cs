#pragma warning disable MA0048 // the two reduce sides
using Sparkish.Compute;
using Sparkish.Keys;

namespace Sparkish.Shuffle;

/// <summary>The reduce side of a shuffle that combines values: one pair per key.</summary>
internal sealed class ReducedComputation<TKey, TValue>(ShuffleDescription<TKey, TValue> shuffle) : Computation<(TKey Key, TValue Value)>
{
    public override PartitionReader<(TKey Key, TValue Value)> Open(Partition partition, TaskContext context)
    {
        var combined = new CombinerMap<TKey, TValue>();
        var batch = new (TKey Key, TValue Value)[PartitionReader<(TKey, TValue)>.BatchSize];
        using var source = new ShuffleReader<TKey, TValue>(shuffle.ShuffleId, partition.Index, context);
        for (int read; (read = source.Read(batch)) > 0;) combined.MergeAll(batch.AsSpan(0, read), shuffle.Combine!);
        return new Reader(combined);
    }

    private sealed class Reader(CombinerMap<TKey, TValue> combined) : PartitionReader<(TKey Key, TValue Value)>
    {
        private int _next;

        public override int Read(Span<(TKey Key, TValue Value)> batch)
        {
            var count = combined.CopyTo(_next, batch);
            _next += count;
            return count;
        }

        protected override void Close() => combined.Dispose();
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
