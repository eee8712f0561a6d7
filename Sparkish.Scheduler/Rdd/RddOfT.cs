using Sparkish.Compute;
using Sparkish.Serialization.Types;

namespace Sparkish;

/// <summary>
/// A resilient distributed dataset: a lazy, immutable, partitioned collection that is computed on executors and recomputed when it is lost. Transformations
/// define new datasets; actions (<see cref="Collect"/>, <see cref="Count"/>, …) run a job and block until it is done. Functions are sent to executors with
/// their captured variables, and are checked by the call that receives them.
/// </summary>
/// <typeparam name="T">The type of the elements.</typeparam>
[SendsFunctions]
public sealed partial class Rdd<T> : Rdd
{
    internal Rdd(SparkContext context, string name, Computation<T> computation, IReadOnlyList<Dependency> dependencies, Func<Partition[]> listPartitions)
        : base(context, name, dependencies, listPartitions) => Computation = computation;

    internal Computation<T> Computation { get; }

    /// <summary>Creates an RDD that depends on this one partition by partition.</summary>
    internal Rdd<TResult> Narrow<TResult>(string name, Computation<TResult> computation) =>
        new(Context, name, computation, [new NarrowDependency(Lineage)], () => Partitions);
}
