namespace Sparkish.Compute;

/// <summary>
/// An RDD as seen by the schedulers: number, name, partitions, and parents. Separate from the RDD itself, which belongs to a context, so that schedulers need
/// none.
/// </summary>
internal sealed class Lineage(int id, string name, IReadOnlyList<Dependency> dependencies, Func<Partition[]> listPartitions)
{
    private Partition[]? _partitions;

    public int Id { get; } = id;

    public string Name { get; } = name;

    public IReadOnlyList<Dependency> Dependencies { get; } = dependencies;

    /// <summary>Listed once, by whichever thread is first: all jobs must see the same partitions.</summary>
    public Partition[] Partitions => _partitions ?? Interlocked.CompareExchange(ref _partitions, listPartitions(), null) ?? _partitions;

    /// <summary>The name and number, for people.</summary>
    public override string ToString() => $"{Name}[{Id}]";
}
