using Microsoft.Extensions.Logging;
using Sparkish.Dag;
using Sparkish.Events;
using Sparkish.Rpc;
using Sparkish.Security;

namespace Sparkish.Backend;

/// <summary>Runs an application's tasks: starts and stops the executors and owns the endpoint of the task scheduler.</summary>
public abstract class SchedulerBackend
{
    /// <summary>The id that the cluster assigned to the application; known after <see cref="StartAsync"/>.</summary>
    public abstract string ApplicationId { get; }

    /// <summary>The default number of partitions of an RDD.</summary>
    public abstract int DefaultParallelism { get; }

    /// <summary>The endpoint that schedules tasks.</summary>
    public abstract RpcEndpointRef TaskScheduler { get; }

    /// <summary>Connects to the cluster; completes when the application is accepted.</summary>
    /// <exception cref="SparkException">No master replied, or it refused the application.</exception>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops executors and leaves the cluster. Never throws for a cluster that is gone already; twice is harmless.</summary>
    public abstract Task StopAsync();
}

/// <summary>The services that a context supplies to its backend.</summary>
public sealed class SchedulerBackendContext
{
    internal SchedulerBackendContext(SparkConf conf, RpcEnv env, ListenerBus listeners, RpcEndpointRef dagScheduler, RpcEndpointRef mapOutputTracker,
        Keyring keyring)
    {
        Keyring = keyring;
        Conf = conf;
        Env = env;
        Listeners = listeners;
        DagScheduler = dagScheduler;
        MapOutputTracker = mapOutputTracker;
    }

    /// <summary>The application's settings.</summary>
    public SparkConf Conf { get; }

    /// <summary>The driver's env.</summary>
    public RpcEnv Env { get; }

    /// <summary>Creates loggers.</summary>
    public ILoggerFactory LoggerFactory => Env.LoggerFactory;

    /// <summary>The secrets of the driver's env.</summary>
    internal Keyring Keyring { get; }

    internal ListenerBus Listeners { get; }

    internal RpcEndpointRef DagScheduler { get; }

    internal RpcEndpointRef MapOutputTracker { get; }

    /// <summary>Fails all jobs of the application, and later ones at once; for a cluster that has dropped the application.</summary>
    /// <param name="reason">The reason, as the end of a sentence: "the master removed our application".</param>
    public void FailAllJobs(string reason) => DagScheduler.Send(new StopJobs(reason));
}
