using Sparkish.Compute;
using Sparkish.Keys;
using Sparkish.Serialization.Closures;
using Sparkish.Serialization.Types;
using Sparkish.Shuffle;

namespace Sparkish;

/// <summary>
/// Operations on RDDs of keys and values. Keys that are equal by their type's <see cref="object.Equals(object)"/> are grouped. Valid keys are numbers, strings,
/// dates, enums, <see cref="Uri"/>, nullables, tuples, records, anonymous types, structs, F# records, unions, lists, sets and maps of such, and types that
/// implement <see cref="IStableHashCode"/>. Other types, such as arrays and collections, are refused by the call, even as members.
/// </summary>
[SendsFunctions]
public static class PairRddExtensions
{
    /// <summary>Combines the values of each key with a commutative and associative function, first within each partition, then across them.</summary>
    /// <param name="source">The pairs.</param>
    /// <param name="function">Combines two values of a key.</param>
    /// <param name="partitions">The number of partitions of the result; as many as the source unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of partitions is not positive.</exception>
    /// <exception cref="SerializationException">The function captures something that cannot be sent to executors.</exception>
    /// <exception cref="SparkException">The type of the keys, or of a member of them, cannot be a key; the message names alternatives.</exception>
    public static Rdd<(TKey Key, TValue Value)> ReduceByKey<TKey, TValue>(
        this Rdd<(TKey Key, TValue Value)> source, Func<TValue, TValue, TValue> function, int? partitions = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        KeyRules.RequireKey<TKey>(nameof(ReduceByKey));
        source.Context.RequireRows<(TKey Key, TValue Value)>(nameof(ReduceByKey));
        source.Context.RequireRows<TValue>(nameof(ReduceByKey));
        var cleaned = ClosureCleaner.Clean(function, nameof(ReduceByKey), source.Context.Serialization);
        var partitioner = new HashPartitioner<TKey>(PartitionCount(partitions, source));
        var shuffle = new ShuffleDescription<TKey, TValue>(source.Context.NextShuffleId(), partitioner, cleaned);
        return Shuffled(source, "ReduceByKey", shuffle, new ReducedComputation<TKey, TValue>(shuffle));
    }

    /// <summary>The keys, one for each pair.</summary>
    public static Rdd<TKey> Keys<TKey, TValue>(this Rdd<(TKey Key, TValue Value)> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Narrow("Keys", new MapComputation<(TKey Key, TValue Value), TKey>(source.Computation, static pair => pair.Key));
    }

    /// <summary>The values, one for each pair.</summary>
    public static Rdd<TValue> Values<TKey, TValue>(this Rdd<(TKey Key, TValue Value)> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Narrow("Values", new MapComputation<(TKey Key, TValue Value), TValue>(source.Computation, static pair => pair.Value));
    }

    /// <summary>Applies a function to each value and keeps its key.</summary>
    /// <exception cref="SerializationException">The function captures something that cannot be sent to executors.</exception>
    public static Rdd<(TKey Key, TResult Value)> MapValues<TKey, TValue, TResult>(this Rdd<(TKey Key, TValue Value)> source, Func<TValue, TResult> function)
    {
        ArgumentNullException.ThrowIfNull(source);
        FunctionResults.RequireValues<TResult>(nameof(MapValues));
        var cleaned = ClosureCleaner.Clean(function, nameof(MapValues), source.Context.Serialization);
        return source.Narrow("MapValues", new MapComputation<(TKey Key, TValue Value), (TKey Key, TResult Value)>(
            source.Computation, pair => (pair.Key, cleaned(pair.Value))));
    }

    /// <summary>Divides the keys into ranges by a sample (which runs a job at once) and sorts within each.</summary>
    internal static Rdd<(TKey Key, TValue Value)> SortByKey<TKey, TValue>(this Rdd<(TKey Key, TValue Value)> source, bool ascending, int? partitions)
    {
        var ranges = PartitionCount(partitions, source);
        var bounds = ranges <= 1 ? [] : RangeBounds.Determine(SampleKeys(source, RangeBounds.SampleSize(ranges, source.NumPartitions)), ranges);
        var shuffle = new ShuffleDescription<TKey, TValue>(source.Context.NextShuffleId(), new RangePartitioner<TKey>(bounds, ascending), null);
        return Shuffled(source, "SortByKey", shuffle, new SortedComputation<TKey, TValue>(shuffle, ascending));
    }

    private static KeySample<TKey>[] SampleKeys<TKey, TValue>(Rdd<(TKey Key, TValue Value)> source, int size)
    {
        // The seed depends on the partition only, so that a recomputed sample is the same.
        var samples = source.RunJob((reader, task) => RangeBounds.Sample(reader.AsEnumerable().Select(static pair => pair.Key), size, task.PartitionId));
        return [.. samples.Where(static sample => sample.Count > 0)];
    }

    private static Rdd<(TKey Key, TValue Value)> Shuffled<TKey, TValue>(Rdd<(TKey Key, TValue Value)> source, string name,
        ShuffleDescription<TKey, TValue> shuffle, Computation<(TKey Key, TValue Value)> computation)
    {
        var dependency = new ShuffleDependency(source.Lineage, shuffle.ShuffleId, shuffle.Partitioner.NumPartitions,
            new ShuffleMapOperation<TKey, TValue>(source.Computation, shuffle));
        return new Rdd<(TKey Key, TValue Value)>(
            source.Context, name, computation, [dependency], () => ShuffledPartition.Make(shuffle.Partitioner.NumPartitions));
    }

    private static int PartitionCount(int? partitions, Rdd source)
    {
        if (partitions is not { } given) return Math.Max(source.NumPartitions, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(given, nameof(partitions));
        return given;
    }
}
