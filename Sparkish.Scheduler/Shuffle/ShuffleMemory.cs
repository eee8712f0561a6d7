using Sparkish.Configuration;

namespace Sparkish.Shuffle;

/// <summary>
/// What a task may keep in memory for its shuffles: shares of the heap's limit divided by the tasks that run at once, so that it follows from the size of
/// the executor and not from a number of keys.
/// </summary>
/// <param name="MapSideBytes">The map of keys that a map task combines before it writes them.</param>
/// <param name="ReduceSideBytes">The map of keys that a reduce task combines before it spills.</param>
/// <param name="BufferBytes">The serialized pairs on their way to a file.</param>
internal sealed record ShuffleMemory(long MapSideBytes, long ReduceSideBytes, long BufferBytes)
{
    private const double MapSideShare = 0.18;
    private const double ReduceSideShare = 0.24;
    private const double BufferShare = 0.06;

    /// <summary>Beyond this part of its limit the heap is full enough for spilling, whatever the estimates say.</summary>
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
