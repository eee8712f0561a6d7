using Sparkish.Compute;
using Sparkish.Serialization.Types;

namespace Sparkish;

/// <summary>The driver's view of a resilient distributed dataset, independent of its element type: identity, partitions, lineage.</summary>
[NotSerializable(
    "RDD transformations and actions can only be invoked by the driver, not inside of other transformations",
    Advice = "collect it first and capture the array, or join the two RDDs by a key")]
public abstract class Rdd
{
    private protected Rdd(SparkContext context, string name, IReadOnlyList<Dependency> dependencies, Func<Partition[]> listPartitions)
    {
        Context = context;
        Lineage = new Lineage(context.NextRddId(), name, dependencies, listPartitions);
    }

    /// <summary>The context that the RDD belongs to.</summary>
    public SparkContext Context { get; }

    /// <summary>Numbers the RDDs of a context in the order of their creation.</summary>
    public int Id => Lineage.Id;

    /// <summary>The operation that created it, such as <c>Map</c>.</summary>
    public string Name => Lineage.Name;

    /// <summary>The number of partitions; for files the first access reads the file system.</summary>
    /// <exception cref="SparkException">An input path does not exist.</exception>
    public int NumPartitions => Partitions.Length;

    internal Lineage Lineage { get; }

    internal Partition[] Partitions => Lineage.Partitions;

    /// <summary>The name and number, for people.</summary>
    public override string ToString() => Lineage.ToString();
}
