namespace Sparkish.Compute;

/// <summary>
/// How the elements of an RDD come about, apart from the driver's bookkeeping: the part of the lineage that travels to executors.
/// Each task works on a copy of its own.
/// </summary>
internal abstract class Computation<T>
{
    public abstract PartitionReader<T> Open(Partition partition, TaskContext context);
}
