using Sparkish.Keys;
using Sparkish.Serialization.Closures;

namespace Sparkish;

public sealed partial class Rdd<T>
{
    /// <summary>Applies a function to each element.</summary>
    /// <exception cref="SerializationException">The function captures something that cannot be sent to executors.</exception>
    public Rdd<TResult> Map<TResult>(Func<T, TResult> function)
    {
        FunctionResults.RequireValues<TResult>(nameof(Map));
        return Narrow("Map", new MapComputation<T, TResult>(Computation, ClosureCleaner.Clean(function, nameof(Map), Context.Serialization)));
    }

    /// <summary>Applies a function to each element and concatenates the results.</summary>
    /// <exception cref="SerializationException">The function captures something that cannot be sent to executors.</exception>
    public Rdd<TResult> FlatMap<TResult>(Func<T, IEnumerable<TResult>> function)
    {
        FunctionResults.RequireValues<TResult>(nameof(FlatMap));
        return Narrow("FlatMap", new FlatMapComputation<T, TResult>(Computation, ClosureCleaner.Clean(function, nameof(FlatMap), Context.Serialization)));
    }

    /// <summary>Keeps the elements for which a function returns true.</summary>
    /// <exception cref="SerializationException">The function captures something that cannot be sent to executors.</exception>
    public Rdd<T> Filter(Func<T, bool> predicate) =>
        Narrow("Filter", new FilterComputation<T>(Computation, ClosureCleaner.Clean(predicate, nameof(Filter), Context.Serialization)));

    /// <summary>
    /// Applies a function to each partition as a whole. The elements are read lazily and once; so is the result, so a partition need not fit in memory.
    /// </summary>
    /// <exception cref="SerializationException">The function captures something that cannot be sent to executors.</exception>
    public Rdd<TResult> MapPartitions<TResult>(Func<IEnumerable<T>, IEnumerable<TResult>> function)
    {
        FunctionResults.RequireValues<TResult>(nameof(MapPartitions));
        return Narrow("MapPartitions",
            new MapPartitionsComputation<T, TResult>(Computation, ClosureCleaner.Clean(function, nameof(MapPartitions), Context.Serialization)));
    }

    /// <summary>
    /// Sorts by a key. Runs a job at once, which samples the keys to divide them into ranges of about equal size. Strings are compared by their UTF-16 code
    /// units at any depth. Tuples, records and anonymous types without their own order are compared member by member, in the order of their declaration. Other
    /// keys are compared by their <see cref="IComparable{T}"/>; null comes before any value. The order of equal keys is undefined.
    /// </summary>
    /// <param name="key">Returns the key of an element.</param>
    /// <param name="ascending">Whether the smallest comes first.</param>
    /// <param name="partitions">
    /// The number of ranges; as many as this RDD has partitions unless given. There may be fewer if there are few distinct keys.
    /// </param>
    /// <exception cref="SerializationException">The function captures something that cannot be sent to executors.</exception>
    /// <exception cref="SparkException">The type of the keys, or of a member of them, has no order; the message names alternatives.</exception>
    public Rdd<T> SortBy<TKey>(Func<T, TKey> key, bool ascending = true, int? partitions = null)
    {
        KeyRules.RequireOrder<TKey>(nameof(SortBy));
        Context.RequireRows<TKey>(nameof(SortBy));
        Context.RequireRows<T>(nameof(SortBy));
        var cleaned = ClosureCleaner.Clean(key, nameof(SortBy), Context.Serialization);
        var keyed = Narrow("SortBy", new MapComputation<T, (TKey Key, T Value)>(Computation, element => (cleaned(element), element)));
        return keyed.SortByKey(ascending, partitions).Values();
    }
}
