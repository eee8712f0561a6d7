using System.Runtime.CompilerServices;

namespace Sparkish.Compute;

/// <summary>Whole-partition folds over a reader; each implements an action within one task.</summary>
internal static class PartitionReaderExtensions
{
    public static T[] ReadToEnd<T>(this PartitionReader<T> reader)
    {
        var all = new T[PartitionReader<T>.BatchSize];
        var count = 0;
        while (true)
        {
            var read = reader.Read(all.AsSpan(count));
            if (read == 0) break;
            count += read;
            if (all.Length - count < PartitionReader<T>.BatchSize) Array.Resize(ref all, checked(all.Length * 2));
        }

        Array.Resize(ref all, count);
        return all;
    }

    public static long CountToEnd<T>(this PartitionReader<T> reader)
    {
        var batch = new T[PartitionReader<T>.BatchSize];
        long count = 0;
        for (int read; (read = reader.Read(batch)) > 0;) count += read;
        return count;
    }

    public static (bool HasValue, T Value) Reduce<T>(this PartitionReader<T> reader, Func<T, T, T> function)
    {
        var batch = new T[PartitionReader<T>.BatchSize];
        var read = reader.Read(batch);
        if (read == 0) return default;
        var result = batch[0];
        var next = 1;
        do
        {
            foreach (var element in batch.AsSpan(next, read - next)) result = function(result, element);
            next = 0;
        }
        while ((read = reader.Read(batch)) > 0);
        return (true, result);
    }

    public static T[] Take<T>(this PartitionReader<T> reader, int count)
    {
        var taken = new List<T>();
        var batch = new T[Math.Min(count, PartitionReader<T>.BatchSize)];
        while (taken.Count < count)
        {
            var read = reader.Read(batch.AsSpan(0, Math.Min(batch.Length, count - taken.Count)));
            if (read == 0) break;
            taken.AddRange(batch.AsSpan(0, read));
        }

        return [.. taken];
    }

    public static T[] Top<T>(this PartitionReader<T> reader, int count, Comparison<T> order)
    {
        var top = new BoundedTop<T>(count, order);
        var batch = new T[PartitionReader<T>.BatchSize];
        for (int read; (read = reader.Read(batch)) > 0;)
        {
            foreach (var element in batch.AsSpan(0, read)) top.Add(element);
        }

        return top.ToDescending();
    }

    public static IEnumerable<T> AsEnumerable<T>(this PartitionReader<T> reader)
    {
        var batch = new T[PartitionReader<T>.ReadAhead];
        for (int read; (read = reader.Read(batch)) > 0;)
        {
            for (var i = 0; i < read; i++) yield return batch[i];
        }
    }

    /// <summary>Clears references in a reused batch, so that their objects can be collected.</summary>
    public static void Forget<T>(this T[] batch)
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>()) Array.Clear(batch);
    }
}
