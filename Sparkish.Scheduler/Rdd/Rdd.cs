using Sparkish.Serialization.Types;

namespace Sparkish;

/// <summary>What the driver knows of a resilient distributed dataset, whatever its elements: identity, partitions, lineage.</summary>
[NotSerializable(
    "RDD transformations and actions can only be invoked by the driver, not inside of other transformations",
    Advice = "collect it first and capture the array, or join the two RDDs by a key")]
public abstract class Rdd
{
    private readonly Func<Partition[]> _listPartitions;
    private Partition[]? _partitions;

    private protected Rdd(SparkContext context, string name, IReadOnlyList<Dependency> dependencies, Func<Partition[]> listPartitions)
    {
        Context = context;
        Name = name;
        Dependencies = dependencies;
        _listPartitions = listPartitions;
        Id = context.NextRddId();
    }

    /// <summary>The context that the RDD belongs to.</summary>
    public SparkContext Context { get; }

    /// <summary>Numbers the RDDs of a context in the order of their making.</summary>
    public int Id { get; }

    /// <summary>The operation that made it, such as <c>Map</c>.</summary>
    public string Name { get; }

    /// <summary>The number of partitions; for files this looks at the file system the first time.</summary>
    /// <exception cref="SparkException">An input path does not exist.</exception>
    public int NumPartitions => Partitions.Length;

    internal IReadOnlyList<Dependency> Dependencies { get; }

    /// <summary>Listed once, whichever thread asks first: all jobs must see the same.</summary>
    internal Partition[] Partitions => _partitions ?? Interlocked.CompareExchange(ref _partitions, _listPartitions(), null) ?? _partitions;

    /// <summary>The name and number, for people.</summary>
    public override string ToString() => $"{Name}[{Id}]";
}
