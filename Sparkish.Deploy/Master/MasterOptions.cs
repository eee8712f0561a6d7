namespace Sparkish.Deploy.Master;

/// <summary>The checked settings of a master.</summary>
internal sealed record MasterOptions(bool SpreadOutApps, int DefaultCores, int MaxExecutorRetries)
{
    public bool SpreadOutDrivers { get; init; } = DeployKeys.SpreadOutDrivers.Default;

    public WorkerSelectionPolicy WorkerSelection { get; init; }

    public int MaxDrivers { get; init; } = DeployKeys.MaxDrivers.Default;

    public int RetainedApplications { get; init; } = DeployKeys.RetainedApplications.Default;

    public int RetainedDrivers { get; init; } = DeployKeys.RetainedDrivers.Default;

    /// <summary>Number of events after which the state replaces the journal.</summary>
    public int EventsPerSnapshot { get; init; } = 10_000;

    /// <summary>Silence after which a worker is removed.</summary>
    public TimeSpan WorkerTimeout { get; init; } = DeployKeys.WorkerTimeout.Default;

    /// <summary>Time for which a removed worker is still reported.</summary>
    public TimeSpan DeadWorkerRetention { get; init; } = DeployKeys.WorkerTimeout.Default * (DeployKeys.DeadWorkerPersistence.Default + 1);

    /// <summary>Time that a new leader waits for the workers and applications of the journal.</summary>
    public TimeSpan RecoveryTimeout { get; init; } = DeployKeys.WorkerTimeout.Default;

    /// <exception cref="SparkException">A setting is wrong.</exception>
    public static MasterOptions From(SparkConf conf) => new(
        conf.Get(DeployKeys.SpreadOutApps), conf.Get(DeployKeys.DefaultCores), conf.Get(DeployKeys.MaxExecutorRetries))
    {
        SpreadOutDrivers = conf.Get(DeployKeys.SpreadOutDrivers),
        WorkerSelection = PolicyOf(conf.Get(DeployKeys.WorkerSelectionPolicy)),
        MaxDrivers = conf.Get(DeployKeys.MaxDrivers),
        RetainedApplications = conf.Get(DeployKeys.RetainedApplications),
        RetainedDrivers = conf.Get(DeployKeys.RetainedDrivers),
        WorkerTimeout = DeployKeys.WorkerTimeoutOf(conf),
        DeadWorkerRetention = DeployKeys.WorkerTimeoutOf(conf) * (conf.Get(DeployKeys.DeadWorkerPersistence) + 1),
        RecoveryTimeout = conf.Contains(DeployKeys.RecoveryTimeout.Key) ? conf.Get(DeployKeys.RecoveryTimeout) : conf.Get(DeployKeys.WorkerTimeout),
    };

    private static WorkerSelectionPolicy PolicyOf(string name) => WorkerSelectionPolicies.Names.TryGetValue(name, out var policy)
        ? policy
        : throw new SparkException(
            $"{DeployKeys.WorkerSelectionPolicy.Key} is '{name}' but must be one of {string.Join(", ", WorkerSelectionPolicies.Names.Keys)}.");
}
