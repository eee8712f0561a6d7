using Sparkish.Configuration;

namespace Sparkish.Shuffle;

internal readonly record struct ShuffleOptions(int MaxCombinedKeys, long MaxBufferedBytes)
{
    public static ShuffleOptions From(SparkConf conf) => new(conf.Get(SchedulerKeys.ForceSpillThreshold), conf.Get(SchedulerKeys.SpillMemoryThreshold));
}
