namespace Sparkish.Compute;

/// <summary>One piece of an <see cref="Rdd{T}"/>: what its computation needs to find its part of the data. Travels with each task.</summary>
internal abstract class Partition(int index)
{
    /// <summary>The position among the partitions of the RDD, from 0.</summary>
    public int Index { get; } = index;
}
