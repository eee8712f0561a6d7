using Sparkish.Configuration;

namespace Sparkish.Shuffle;

/// <summary>
/// The memory that a task may use for its shuffles: a share of the heap limit divided by the number of concurrent tasks. So it follows the size of the executor
/// and not a number of keys.
/// </summary>
/// <param name="MapSideBytes">The map of keys that a map task combines before it writes them.</param>
/// <param name="ReduceSideBytes">The map of keys that a reduce task combines before it spills.</param>
/// <param name="BufferBytes">The serialized pairs on their way to a file.</param>
internal sealed record ShuffleMemory(long MapSideBytes, long ReduceSideBytes, long BufferBytes)
{
    private const double MapSideShare = 0.18;
    private const double ReduceSideShare = 0.24;
    private const double BufferShare = 0.06;

    /// <summary>Above this fraction of its limit the heap is full enough for spilling, regardless of the estimates.</summary>
    private const double HighLoad = 0.75;

    public static ShuffleMemory Of(long heapLimit, int tasks)
    {
        var each = (double)heapLimit / Math.Max(tasks, 1);
        return new ShuffleMemory((long)(each * MapSideShare), (long)(each * ReduceSideShare), (long)(each * BufferShare));
    }

    /// <summary>The memory of a task in this process.</summary>
    public static ShuffleMemory From(SparkConf conf, int tasks) =>
        Of(conf.Get(SchedulerKeys.TestingMemory) is > 0 and var assumed ? assumed : GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes, tasks);

    /// <summary>Whether the heap of this process was nearly full after the last collection.</summary>
    public static bool IsHeapNearlyFull()
    {
        var info = GC.GetGCMemoryInfo(GCKind.Any);
        return info.HeapSizeBytes > info.TotalAvailableMemoryBytes * HighLoad;
    }
}
