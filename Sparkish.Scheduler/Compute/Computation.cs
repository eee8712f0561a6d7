namespace Sparkish.Compute;

/// <summary>
/// Computes the elements of an RDD, without the driver's bookkeeping: the part of the lineage that is sent to executors. Each task works on its own copy.
/// </summary>
internal abstract class Computation<T>
{
    public abstract PartitionReader<T> Open(Partition partition, TaskContext context);
}
