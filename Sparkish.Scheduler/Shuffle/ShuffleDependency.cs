using Sparkish.Compute;

namespace Sparkish.Shuffle;

/// <summary>The partitions of an RDD follow from all partitions of its parent, through files.</summary>
internal sealed class ShuffleDependency(Lineage parent, int shuffleId, int numPartitions, TaskOperation mapOperation) : Dependency(parent)
{
    public int ShuffleId { get; } = shuffleId;

    /// <summary>The number of reduce partitions.</summary>
    public int NumPartitions { get; } = numPartitions;

    /// <summary>The operation of each map task.</summary>
    public TaskOperation MapOperation { get; } = mapOperation;
}
