using Sparkish.Compute;
using Sparkish.Serialization.Types;

namespace Sparkish;

/// <summary>
/// A resilient distributed dataset: a lazy, immutable, partitioned collection that is computed on executors and recomputed when it is lost.
/// Transformations describe; actions (<see cref="Collect"/>, <see cref="Count"/>, …) run a job and block until it is done.
/// Functions travel to executors with what they capture; they are checked when they are given.
/// </summary>
/// <typeparam name="T">The type of the elements.</typeparam>
[SendsFunctions]
public sealed partial class Rdd<T> : Rdd
{
    internal Rdd(SparkContext context, string name, Computation<T> computation, IReadOnlyList<Dependency> dependencies, Func<Partition[]> listPartitions)
        : base(context, name, dependencies, listPartitions) => Computation = computation;

    internal Computation<T> Computation { get; }

    /// <summary>Makes an RDD that follows from this one partition by partition.</summary>
    internal Rdd<TResult> Narrow<TResult>(string name, Computation<TResult> computation) =>
        new(Context, name, computation, [new NarrowDependency(Lineage)], () => Partitions);
}
