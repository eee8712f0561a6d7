namespace Sparkish.Configuration;

/// <summary>The keys of the compute engine.</summary>
internal static class SchedulerKeys
{
    public static readonly ConfigEntry<int> TaskMaxFailures = ConfigEntry.Int("spark.task.maxFailures", 4,
        "How often a task may fail before its job does.", min: 1);

    public static readonly ConfigEntry<int> StageMaxConsecutiveAttempts = ConfigEntry.Int("spark.stage.maxConsecutiveAttempts", 4,
        "How often in a row a stage may be tried whose input could not be fetched.", min: 1);

    public static readonly ConfigEntry<TimeSpan> StarvationTimeout = ConfigEntry.Duration("spark.starvation.timeout", TimeSpan.FromSeconds(15),
        "Time after which a warning says that tasks wait and none runs, and after which jobs end if no executor can come any more.");

    public static readonly ConfigEntry<TimeSpan> ExecutorRemoveDelay = ConfigEntry.Duration("spark.standalone.executorRemoveDelayOnDisconnection",
        TimeSpan.FromSeconds(5), "Time that the driver waits for the cluster to say how an executor ended whose connection was lost.");

    public static readonly ConfigEntry<long> MaxResultSize = ConfigEntry.Bytes("spark.driver.maxResultSize", 1L << 30,
        "The most that the results of one stage may hold on the driver; 0 is no limit.");

    public static readonly ConfigEntry<int> DefaultParallelism = ConfigEntry.Int("spark.default.parallelism", 0,
        "How many partitions an RDD has when nobody says; 0 follows the cluster's cores.");

    public static readonly ConfigEntry<string> LocalDir =
        ConfigEntry.Text("spark.local.dir", "", "Where shuffle files are kept; the system's temporary directory unless set.");

    public static readonly ConfigEntry<bool> ShowConsoleProgress = ConfigEntry.Bool("spark.ui.showConsoleProgress", true,
        "Whether a progress bar is drawn on standard error when that is a terminal.");

    public static readonly ConfigEntry<int> ForceSpillThreshold = ConfigEntry.Int("spark.shuffle.spill.numElementsForceSpillThreshold", 1_000_000,
        "The most keys that a map task combines in memory before it writes them out; fewer where the heap is small.", min: 1);

    public static readonly ConfigEntry<long> SpillMemoryThreshold = ConfigEntry.Bytes("spark.shuffle.spill.memoryThreshold", 64L << 20,
        "The most serialized bytes that a map task keeps in memory before it writes them to a temporary file; fewer where the heap is small.");

    public static readonly ConfigEntry<long> TestingMemory = ConfigEntry.Bytes("spark.testing.memory", 0,
        "The heap limit from which the memory of shuffles follows, for tests; 0 for the real one.");

    public static readonly ConfigEntry<string> TaskCulture = ConfigEntry.Text("spark.executor.culture", "",
        "Culture in which tasks run, such as 'de-DE', or 'invariant'; that of the driver's thread which makes the SparkContext unless set.");

    public static readonly ConfigEntry<bool> InvariantGlobalization = ConfigEntry.Bool("spark.executor.invariantGlobalization", false,
        "Whether executors run in globalization-invariant mode. The driver sets it to its own mode.");

    public static readonly ConfigEntry<int> ListenerQueueCapacity = ConfigEntry.Int("spark.scheduler.listenerbus.eventqueue.capacity", 10_000,
        "How many events wait for the listeners before further ones are dropped with a warning.", min: 1);
}
