namespace Sparkish.Compute;

/// <summary>One partition of an <see cref="Rdd{T}"/>: the information with which its computation finds its data. Sent with each task.</summary>
internal abstract class Partition(int index)
{
    /// <summary>The position among the partitions of the RDD, from 0.</summary>
    public int Index { get; } = index;
}
