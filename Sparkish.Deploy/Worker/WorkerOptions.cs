using Sparkish.Rpc;

namespace Sparkish.Deploy.Worker;

/// <summary>The checked settings of a worker.</summary>
/// <param name="Masters">The masters of the cluster.</param>
/// <param name="Cores">Number of offered cores.</param>
/// <param name="MemoryMiB">Offered memory.</param>
internal sealed record WorkerOptions(IReadOnlyList<RpcAddress> Masters, int Cores, int MemoryMiB)
{
    private const long OneGiB = 1L << 30;
    private const int HeartbeatsPerTimeout = 8;

    /// <summary>Number of registration attempts after which the pace slows down.</summary>
    public int QuickRegistrationAttempts { get; init; } = DeployKeys.InitialRegistrationRetries.Default;

    /// <summary>Maximum number of registration attempts.</summary>
    public int MaxRegistrationAttempts { get; init; } = DeployKeys.MaxRegistrationRetries.Default;

    /// <summary>Maximum number of attempts to report an executor's change to the master.</summary>
    public int StateSyncMaxAttempts { get; init; } = DeployKeys.StateSyncMaxAttempts.Default;

    /// <summary>Time between two reports to the masters that the worker lives.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = DeployKeys.WorkerTimeout.Default / HeartbeatsPerTimeout;

    /// <summary>The custom resources that it offers; null for none.</summary>
    public ResourceInformation[]? Resources { get; init; }

    /// <summary>Spreads the attempts of many workers: 0 to 1.</summary>
    public double Jitter { get; init; } = 0.5;

    /// <summary>All of the machine's cores.</summary>
    public static int DefaultCores => Environment.ProcessorCount;

    /// <summary>The machine's memory less one GiB for everything else, and at least one GiB.</summary>
    public static int DefaultMemoryMiB => (int)(Math.Max(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - OneGiB, OneGiB) >> 20);

    public static WorkerOptions From(SparkConf conf, IReadOnlyList<RpcAddress> masters, int cores, int memoryMiB, double jitter) =>
        new(masters, cores, memoryMiB)
        {
            QuickRegistrationAttempts = conf.Get(DeployKeys.InitialRegistrationRetries),
            MaxRegistrationAttempts = conf.Get(DeployKeys.MaxRegistrationRetries),
            StateSyncMaxAttempts = conf.Get(DeployKeys.StateSyncMaxAttempts),
            HeartbeatInterval = DeployKeys.WorkerTimeoutOf(conf) / HeartbeatsPerTimeout,
            Jitter = jitter,
        };
}
