#pragma warning disable MA0048 // a backend and what it is made from stand together
using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Backend;

/// <summary>Where an application's tasks run: starts and stops the executors' side and owns the endpoint of the task scheduler.</summary>
public abstract class SchedulerBackend
{
    /// <summary>The id that the cluster gave the application; known after <see cref="StartAsync"/>.</summary>
    public abstract string ApplicationId { get; }

    /// <summary>How many partitions an RDD has when nobody says.</summary>
    public abstract int DefaultParallelism { get; }

    /// <summary>The endpoint that schedules tasks.</summary>
    public abstract RpcEndpointRef TaskScheduler { get; }

    /// <summary>Connects with the cluster; completes when it has taken the application.</summary>
    /// <exception cref="SparkException">No master answered, or it refused the application.</exception>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops executors and leaves the cluster. Never throws for a cluster that is gone already; twice is harmless.</summary>
    public abstract Task StopAsync();
}

/// <summary>What a backend gets from the context it works for.</summary>
/// <param name="Conf">The application's settings.</param>
/// <param name="Env">The driver's env.</param>
/// <param name="DagScheduler">Who hears of finished tasks and lost executors.</param>
/// <param name="OnFatal">Fails all jobs of the application, with a reason; for a cluster that gave the application up.</param>
public sealed record SchedulerBackendContext(SparkConf Conf, RpcEnv Env, RpcEndpointRef DagScheduler, Action<string> OnFatal)
{
    /// <summary>Makes loggers.</summary>
    public ILoggerFactory LoggerFactory => Env.LoggerFactory;
}
