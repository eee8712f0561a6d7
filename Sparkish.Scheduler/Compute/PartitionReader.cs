namespace Sparkish.Compute;

/// <summary>
/// Pulls the elements of one partition in batches, so that a chain of functions costs one delegate call per element and function.
/// Used by one task thread.
/// </summary>
/// <typeparam name="T">The type of the elements.</typeparam>
internal abstract class PartitionReader<T> : IDisposable
{
    /// <summary>The number of elements that is worth asking for at once: large enough to amortize a virtual call, small enough for the cache.</summary>
    public const int BatchSize = 1024;

    /// <summary>
    /// The number of elements that may be read before the first of them is used: one where a function may return the same object each time, refilled, which
    /// is right in Spark as long as each element is used before the next is made.
    /// </summary>
    public static readonly int ReadAhead = ReusedRows.AreImpossible(typeof(T)) ? BatchSize : 1;

    /// <summary>Fills a batch from its start.</summary>
    /// <returns>How many elements were read: at least 1, or 0 at the end.</returns>
    public abstract int Read(Span<T> batch);

    /// <summary>Gives back files, connections and the readers below. Twice is harmless.</summary>
    public void Dispose() => Close();

    /// <summary>What <see cref="Dispose"/> does.</summary>
    protected virtual void Close() { }
}
