using Sparkish.Compute;
using Sparkish.Keys;
using Sparkish.Serialization.Closures;

namespace Sparkish;

public sealed partial class Rdd<T>
{
    /// <summary>Returns all elements, in the order of partitions and within them. They must fit in the driver's memory.</summary>
    /// <exception cref="SparkException">The job failed; a user function's own exception is inside.</exception>
    /// <exception cref="SerializationException">Values of this type cannot be sent.</exception>
    public T[] Collect()
    {
        Context.RequireRows<T>(nameof(Collect));
        var parts = RunJob(static (reader, _) => reader.ReadToEnd());
        var all = new T[checked(parts.Sum(static part => part.Length))];
        var next = 0;
        foreach (var part in parts)
        {
            part.CopyTo(all, next);
            next += part.Length;
        }

        return all;
    }

    /// <summary>The number of elements.</summary>
    /// <exception cref="SparkException">The job failed; a user function's own exception is inside.</exception>
    public long Count() => RunJob(static (reader, _) => reader.CountToEnd()).Sum();

    /// <summary>Combines all elements with a commutative and associative function.</summary>
    /// <exception cref="InvalidOperationException">The RDD is empty.</exception>
    /// <exception cref="SparkException">The job failed; the function's own exception is inside.</exception>
    /// <exception cref="SerializationException">The function captures something that cannot be sent to executors.</exception>
    public T Reduce(Func<T, T, T> function)
    {
        Context.RequireRows<T>(nameof(Reduce));
        var cleaned = ClosureCleaner.Clean(function, nameof(Reduce), Context.Serialization);
        var parts = RunJob((reader, _) => reader.Reduce(cleaned)).Where(static part => part.HasValue).Select(static part => part.Value).ToArray();
        return parts.Length == 0 ? throw new InvalidOperationException("The collection is empty, so there is nothing to reduce.") : parts.Aggregate(function);
    }

    /// <summary>Returns the first elements in order. Computes one partition first and four times as many whenever that was not enough.</summary>
    /// <exception cref="SparkException">The job failed; a user function's own exception is inside.</exception>
    /// <exception cref="SerializationException">Values of this type cannot be sent.</exception>
    public T[] Take(int count)
    {
        const int ScaleUp = 4;
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Context.RequireRows<T>(nameof(Take));
        var taken = new List<T>(Math.Min(count, 1024));
        for (var scanned = 0; taken.Count < count && scanned < NumPartitions;)
        {
            var left = count - taken.Count;
            var next = Enumerable.Range(scanned, (int)Math.Min(NumPartitions - scanned, scanned == 0 ? 1 : (long)scanned * ScaleUp)).ToArray();
            foreach (var part in RunJob((reader, _) => reader.Take(left), next)) taken.AddRange(part.Take(count - taken.Count));
            scanned += next.Length;
        }

        return [.. taken];
    }

    /// <summary>Returns the largest elements, the largest first. Among equal ones the choice is undefined.</summary>
    /// <param name="count">Number of elements.</param>
    /// <param name="comparer">The order; that of <see cref="SortBy"/>, with strings by their UTF-16 code units, unless given.</param>
    /// <exception cref="SparkException">The job failed; a user function's own exception is inside.</exception>
    /// <exception cref="SerializationException">The comparer cannot be sent to executors.</exception>
    /// <exception cref="SparkException">No comparer is given, and the elements have no order.</exception>
    public T[] Top(int count, IComparer<T>? comparer = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (comparer is null) KeyRules.RequireOrder<T>(nameof(Top));
        if (count == 0) return [];
        Context.RequireRows<T>(nameof(Top));
        Comparison<T> given = comparer is null ? static (x, y) => KeyComparer<T>.Default.Compare(x, y) : comparer.Compare;
        var order = ClosureCleaner.Clean(given, nameof(Top), Context.Serialization);
        var all = new BoundedTop<T>(count, order);
        foreach (var part in RunJob((reader, _) => reader.Top(count, order)))
        {
            foreach (var element in part) all.Add(element);
        }

        return all.ToDescending();
    }

    /// <summary>
    /// Writes each element's text as a line, one file <c>part-00000</c>, … per partition. The files are written to a temporary directory, and the output
    /// directory appears with all of them at once, or not at all.
    /// </summary>
    /// <exception cref="SparkException">The directory exists already, or the job failed.</exception>
    public void SaveAsTextFile(string path) => TextFileOutput.Save(this, path);

    /// <summary>Runs a function over some partitions (all unless given) and returns its results in their order.</summary>
    internal TResult[] RunJob<TResult>(Func<PartitionReader<T>, TaskContext, TResult> function, int[]? partitions = null) =>
        Context.RunJob(this, new ResultOperation<T, TResult>(Computation, function), partitions);
}
