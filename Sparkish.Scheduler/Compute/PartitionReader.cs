namespace Sparkish.Compute;

/// <summary>
/// Pulls the elements of one partition in batches, so that a chain of functions costs one delegate call per element and function.
/// Used by one task thread.
/// </summary>
/// <typeparam name="T">The type of the elements.</typeparam>
internal abstract class PartitionReader<T> : IDisposable
{
    /// <summary>The preferred number of elements per read: large enough to amortize a virtual call, small enough for the cache.</summary>
    public const int BatchSize = 1024;

    /// <summary>
    /// The number of elements that may be read before the first of them is used. It is one if a function may return the same, refilled object each time. Spark
    /// permits that as long as each element is used before the next is created.
    /// </summary>
    public static readonly int ReadAhead = ReusedRows.AreImpossible(typeof(T)) ? BatchSize : 1;

    /// <summary>Fills a batch from its start.</summary>
    /// <returns>Number of elements read: at least 1, or 0 at the end.</returns>
    public abstract int Read(Span<T> batch);

    /// <summary>Releases files, connections and the underlying readers. Calling it twice is harmless.</summary>
    public void Dispose() => Close();

    /// <summary>Implements <see cref="Dispose"/>.</summary>
    protected virtual void Close() { }
}
