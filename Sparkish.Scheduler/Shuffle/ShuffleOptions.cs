using Sparkish.Configuration;

namespace Sparkish.Shuffle;

internal readonly record struct ShuffleOptions(int MaxCombinedKeys, long MaxBufferedBytes)
{
    public static ShuffleOptions From(SparkConf conf, ShuffleMemory memory) =>
        new(conf.Get(SchedulerKeys.ForceSpillThreshold), Math.Min(conf.Get(SchedulerKeys.SpillMemoryThreshold), memory.BufferBytes));
}
