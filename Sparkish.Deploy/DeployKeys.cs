using Sparkish.Configuration;

namespace Sparkish.Deploy;

/// <summary>The keys of the standalone cluster manager and of applications on it.</summary>
internal static class DeployKeys
{
    public static readonly ConfigEntry<int> MaxCores = ConfigEntry.Int("spark.cores.max", int.MaxValue,
        "Maximum number of cores that the application takes over all executors; the master's spark.deploy.defaultCores unless set.", min: 1);

    public static readonly ConfigEntry<int> ExecutorCores = ConfigEntry.Int("spark.executor.cores", 1,
        "Cores of each executor. When not set, an application gets one executor per worker, with all cores that the worker has free.", min: 1);

    public static readonly ConfigEntry<long> ExecutorMemory = ConfigEntry.Bytes("spark.executor.memory", 1L << 30,
        "Heap limit of each executor; a number without a unit is in MiB.", 'm', min: 1L << 20);

    public static readonly ConfigEntry<bool> SpreadOutApps = ConfigEntry.Bool("spark.deploy.spreadOutApps", true,
        "Whether the master spreads the executors of an application over many workers. Otherwise it fills one worker after the other.");

    public static readonly ConfigEntry<bool> SpreadOutDrivers = ConfigEntry.Bool("spark.deploy.spreadOutDrivers", true,
        "Whether the master spreads drivers over many workers. Otherwise it takes the first worker with room, in the order of their ids.");

    public static readonly ConfigEntry<string> WorkerSelectionPolicy = ConfigEntry.Text("spark.deploy.workerSelectionPolicy", "CORES_FREE_DESC",
        "The order in which workers are considered for executors: CORES_FREE_DESC, CORES_FREE_ASC, MEMORY_FREE_DESC, MEMORY_FREE_ASC or WORKER_ID.");

    public static readonly ConfigEntry<int> MaxDrivers = ConfigEntry.Int("spark.deploy.maxDrivers", int.MaxValue,
        "Maximum number of running drivers in cluster mode; further ones wait.", min: 1);

    public static readonly ConfigEntry<int> RetainedApplications = ConfigEntry.Int("spark.deploy.retainedApplications", 200,
        "Number of applications that are over and that the master still reports.", min: 1);

    public static readonly ConfigEntry<int> RetainedDrivers = ConfigEntry.Int("spark.deploy.retainedDrivers", 200,
        "Number of drivers that are over and that the master still reports.", min: 1);

    public static readonly ConfigEntry<int> DeadWorkerPersistence = ConfigEntry.Int("spark.dead.worker.persistence", 15,
        "How long the master still reports a removed worker as DEAD, as a multiple of spark.worker.timeout, plus one.", min: 0, max: 100_000);

    public static readonly ConfigEntry<TimeSpan> WorkerTimeout = ConfigEntry.PositiveDuration("spark.worker.timeout", TimeSpan.FromSeconds(4),
        "Silence after which the master removes a worker. Workers report eight times in this time. Set it equally for masters and workers.");

    /// <summary>Reads <see cref="WorkerTimeout"/>: a shorter time would remove workers that are merely busy.</summary>
    /// <exception cref="SparkException">It is shorter than a second.</exception>
    public static TimeSpan WorkerTimeoutOf(SparkConf conf) => conf.Get(WorkerTimeout) is var timeout && timeout >= TimeSpan.FromSeconds(1)
        ? timeout
        : throw new SparkException($"{WorkerTimeout.Key} is '{conf.Get(WorkerTimeout.Key)}' but must be at least 1 s: give a duration such as '4s'.");

    public static readonly ConfigEntry<TimeSpan> RecoveryTimeout = ConfigEntry.PositiveDuration("spark.deploy.recoveryTimeout", TimeSpan.FromSeconds(4),
        "Time that a new leader waits for the workers and applications of its journal; spark.worker.timeout unless set.");

    public static readonly ConfigEntry<int> DefaultCores = ConfigEntry.Int("spark.deploy.defaultCores", int.MaxValue,
        "Maximum number of cores of an application that does not set spark.cores.max.", min: 1);

    public static readonly ConfigEntry<int> MaxExecutorRetries = ConfigEntry.Int("spark.deploy.maxExecutorRetries", 10,
        "Number of consecutive executor failures soon after their start, without an executor that lasts, after which the master ends the application; -1 for no limit.",
            min: -1);

    public static readonly ConfigEntry<TimeSpan> ClientRegistrationTimeout = ConfigEntry.Duration("spark.deploy.client.registrationTimeout",
        TimeSpan.FromSeconds(20), "Time that an application waits for the answer of a master before it retries; it makes three attempts.");

    public static readonly ConfigEntry<int> InitialRegistrationRetries = ConfigEntry.Int("spark.worker.initialRegistrationRetries", 6,
        "Number of attempts to register that a worker makes about every ten seconds; further ones follow about every minute.");

    public static readonly ConfigEntry<int> MaxRegistrationRetries = ConfigEntry.Int("spark.worker.maxRegistrationRetries", 16,
        "Number of failed attempts after which a worker stops trying to register, and exits.", min: 1);

    public static readonly ConfigEntry<int> StateSyncMaxAttempts = ConfigEntry.Int("spark.worker.executorStateSync.maxAttempts", 5,
        "Number of attempts of a worker to report the state of an executor to its master before it exits.", min: 1);

    public static readonly ConfigEntry<TimeSpan> ShutdownTimeout = ConfigEntry.PositiveDuration("spark.deploy.shutdownTimeout", TimeSpan.FromSeconds(30),
        "Time limit for a master, worker or executor to stop after SIGTERM or SIGINT; then its process exits with status 143 or 130. Running handlers have half of this time.");

    public static readonly ConfigEntry<string> ExecutorHost = ConfigEntry.Text("spark.worker.executorHost", "",
        "Program that a worker starts as executor: the path of an executable or of a .dll; the running sparkish unless set.");

    public static readonly ConfigEntry<string> ExecutorEnvironment = ConfigEntry.Text("spark.worker.executorEnvironment", "",
        "Names of environment variables that executors inherit from the worker, separated by commas. They inherit PATH, HOME, LANG, DOTNET_* and the like in any case.");

    public static readonly ConfigEntry<string> OutputRollingStrategy = ConfigEntry.Text("spark.executor.logs.rolling.strategy", "size",
        "When a worker rolls the stdout and stderr of executors and drivers: at a 'size', after a 'time' or at the size, or 'none' for never. Set it for the worker.");

    public static readonly ConfigEntry<long> OutputMaxSize = ConfigEntry.Bytes("spark.executor.logs.rolling.maxSize", 64L << 20,
        "The size at which an executor's stdout or stderr is rolled; a number without a unit is in bytes. Set it for the worker.");

    public static readonly ConfigEntry<string> OutputInterval = ConfigEntry.Text("spark.executor.logs.rolling.time.interval", "daily",
        "The interval at which files are rolled with the strategy 'time': daily, hourly, minutely, or a duration, counted from midnight UTC. Set it for the worker.");

    public static readonly ConfigEntry<int> OutputMaxRetainedFiles = ConfigEntry.Int("spark.executor.logs.rolling.maxRetainedFiles", 3,
        "The number of rolled files kept beside each current one; older ones are removed. Set it for the worker.");

    public static readonly ConfigEntry<bool> OutputCompression = ConfigEntry.Bool("spark.executor.logs.rolling.enableCompression", false,
        "Whether rolled files are compressed with gzip. Set it for the worker.");

    public static readonly ConfigEntry<bool> CleanupEnabled = ConfigEntry.Bool("spark.worker.cleanup.enabled", true,
        "Whether a worker removes old directories of applications from its work directory.");

    public static readonly ConfigEntry<TimeSpan> CleanupInterval = ConfigEntry.PositiveDuration("spark.worker.cleanup.interval", TimeSpan.FromMinutes(30),
        "Interval at which a worker looks for old directories of applications.");

    public static readonly ConfigEntry<TimeSpan> CleanupTimeToLive = ConfigEntry.Duration("spark.worker.cleanup.appDataTtl", TimeSpan.FromDays(7),
        "Time that a worker keeps the directory of an application after the last change in it.");

    public static readonly ConfigEntry<long> CleanupMaxTotalSize = ConfigEntry.Bytes("spark.worker.cleanup.maxTotalSize", 0,
        "Size of all directories of applications above which a worker removes the least recently changed ones; 0 for no limit. A number without a unit is in bytes.");

    public static readonly ConfigEntry<bool> CpuAffinity = ConfigEntry.Bool("spark.worker.cpuAffinity", false,
        "Whether a worker binds each executor to as many CPUs of its own as it has cores. Linux with taskset only.");

    public static readonly ConfigEntry<string> WorkerResourcesFile = ConfigEntry.Text("spark.worker.resourcesFile", "",
        "JSON file with the addresses of a worker's custom resources. spark.worker.resource.NAME.amount limits them, or has them found by a discoveryScript.");

    public static readonly ConfigEntry<string> DecommissionSignal = ConfigEntry.Text("spark.worker.decommission.signal", "PWR",
        "Signal on which a worker takes no new work and leaves once its executors and drivers have ended: PWR, USR1, USR2, or 'none'. macOS has no PWR.");

    public static readonly ConfigEntry<string> DeployMode = ConfigEntry.Text("spark.submit.deployMode", "client",
        "Where sparkish submit runs the driver: 'client' for its own machine, 'cluster' for a worker.");

    public static readonly ConfigEntry<long> DriverMemory = ConfigEntry.Bytes("spark.driver.memory", 1L << 30,
        "Heap limit of a driver in cluster mode; a number without a unit is in MiB.", 'm', min: 1L << 20);

    public static readonly ConfigEntry<int> DriverCores = ConfigEntry.Int("spark.driver.cores", 1,
        "Cores that a driver in cluster mode occupies on its worker.", min: 1, max: DeployRules.MaxCores);

    public static readonly ConfigEntry<bool> DriverSupervise = ConfigEntry.Bool("spark.driver.supervise", false,
        "Whether a driver in cluster mode is started again after a failure, and after the loss of its worker.");

    public static readonly ConfigEntry<bool> WaitAppCompletion = ConfigEntry.Bool("spark.standalone.submit.waitAppCompletion", false,
        "Whether sparkish submit in cluster mode waits for the end of the driver.");

    public static readonly ConfigEntry<TimeSpan> DriverTerminateTimeout = ConfigEntry.PositiveDuration("spark.worker.driverTerminateTimeout",
        TimeSpan.FromSeconds(10), "Time limit for a driver to stop on request, before its worker kills it.");

    public static readonly ConfigEntry<string> DriverDirectories = ConfigEntry.Text("spark.worker.driverDirectories", "",
        "Directories of a worker's machine from which drivers in cluster mode may be started by a 'local:' path, separated by commas. None unless set.");

    public static readonly ConfigEntry<string> UploadDirectory = ConfigEntry.Text("spark.deploy.uploads.directory", "",
        "Directory of a master for the packages of submitted drivers; 'uploads' in spark.deploy.recoveryDirectory unless set, or a temporary one without either.");

    public static readonly ConfigEntry<long> UploadMaxSize = ConfigEntry.Bytes("spark.deploy.uploads.maxSize", 512L << 20,
        "Maximum size of the package of a submitted driver; a number without a unit is in bytes.", min: 1);

    public static readonly ConfigEntry<long> UploadMaxTotalSize = ConfigEntry.Bytes("spark.deploy.uploads.maxTotalSize", 4L << 30,
        "Maximum size of all packages of a master; a number without a unit is in bytes.", min: 1);
}
