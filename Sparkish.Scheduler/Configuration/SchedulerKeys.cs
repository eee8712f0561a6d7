namespace Sparkish.Configuration;

/// <summary>The keys of the compute engine.</summary>
internal static class SchedulerKeys
{
    public static readonly ConfigEntry<int> TaskMaxFailures = ConfigEntry.Int("spark.task.maxFailures", 4,
        "Number of failures of one task after which its job fails.", min: 1);

    public static readonly ConfigEntry<int> StageMaxConsecutiveAttempts = ConfigEntry.Int("spark.stage.maxConsecutiveAttempts", 4,
        "Number of consecutive attempts of a stage whose input could not be fetched.", min: 1);

    public static readonly ConfigEntry<TimeSpan> StarvationTimeout = ConfigEntry.Duration("spark.starvation.timeout", TimeSpan.FromSeconds(15),
        "Time without running tasks after which waiting tasks cause a warning, and after which jobs fail if no executor can register any more.");

    public static readonly ConfigEntry<TimeSpan> ExecutorRemoveDelay = ConfigEntry.Duration("spark.standalone.executorRemoveDelayOnDisconnection",
        TimeSpan.FromSeconds(5), "Time that the driver waits for the cluster's report on an executor whose connection was lost.");

    public static readonly ConfigEntry<TimeSpan> DecommissionForceKillTimeout = ConfigEntry.Duration("spark.executor.decommission.forceKillTimeout",
        TimeSpan.Zero, "Time that the tasks of an executor on a decommissioned worker may take before it is stopped anyway; 0 for no limit.");

    public static readonly ConfigEntry<long> MaxResultSize = ConfigEntry.Bytes("spark.driver.maxResultSize", 1L << 30,
        "Maximum size of the serialized results of one stage on the driver; 0 means no limit.");

    public static readonly ConfigEntry<int> DefaultParallelism = ConfigEntry.Int("spark.default.parallelism", 0,
        "Default number of partitions of an RDD; 0 follows the cluster's cores.");

    public static readonly ConfigEntry<string> LocalDir =
        ConfigEntry.Text("spark.local.dir", "", "Directory of shuffle files; the system's temporary directory unless set.");

    public static readonly ConfigEntry<bool> ShowConsoleProgress = ConfigEntry.Bool("spark.ui.showConsoleProgress", true,
        "Whether a progress bar is drawn on standard error when that is a terminal.");

    public static readonly ConfigEntry<int> ForceSpillThreshold = ConfigEntry.Int("spark.shuffle.spill.numElementsForceSpillThreshold", 1_000_000,
        "Maximum number of keys that a map task combines in memory before it spills them; fewer with a small heap.", min: 1);

    public static readonly ConfigEntry<long> SpillMemoryThreshold = ConfigEntry.Bytes("spark.shuffle.spill.memoryThreshold", 64L << 20,
        "Maximum size of serialized data that a map task keeps in memory before it spills to a temporary file; less with a small heap.");

    public static readonly ConfigEntry<long> TestingMemory = ConfigEntry.Bytes("spark.testing.memory", 0,
        "Heap limit that determines the memory of shuffles, for tests; 0 uses the real one.");

    public static readonly ConfigEntry<string> TaskCulture = ConfigEntry.Text("spark.executor.culture", "",
        "Culture in which tasks run, such as 'de-DE', or 'invariant'; the culture of the thread that creates the SparkContext unless set.");

    public static readonly ConfigEntry<bool> InvariantGlobalization = ConfigEntry.Bool("spark.executor.invariantGlobalization", false,
        "Whether executors run in globalization-invariant mode. The driver sets it to its own mode.");

    public static readonly ConfigEntry<int> ListenerQueueCapacity = ConfigEntry.Int("spark.scheduler.listenerbus.eventqueue.capacity", 10_000,
        "Number of events that may wait for the listeners; further ones are dropped with a warning.", min: 1);
}
