using Sparkish.Compute;

namespace Sparkish.Shuffle;

/// <summary>A partition of the reduce side, identified by its index.</summary>
internal sealed class ShuffledPartition(int index) : Partition(index)
{
    public static Partition[] Make(int count) => [.. Enumerable.Range(0, count).Select(static index => new ShuffledPartition(index))];
}
