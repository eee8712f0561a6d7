using Sparkish.Rpc;

namespace Sparkish.Backend;

/// <summary>A backend whose executors register with the driver by themselves; a cluster manager derives from it and starts them.</summary>
public abstract class CoarseGrainedSchedulerBackend(SchedulerBackendContext context) : SchedulerBackend
{
    /// <summary>The name of the driver's endpoint.</summary>
    public const string EndpointName = "CoarseGrainedScheduler";

    /// <summary>What the backend was made from.</summary>
    protected SchedulerBackendContext Context { get; } = context;

    /// <inheritdoc/>
    public override int DefaultParallelism => 2;

    /// <inheritdoc/>
    public override RpcEndpointRef TaskScheduler => throw new InvalidOperationException("not started");

    /// <summary>Where executors register, as <c>spark://CoarseGrainedScheduler@host:port</c>; known after <see cref="StartAsync"/>.</summary>
    protected string DriverUrl => TaskScheduler.ToString();

    /// <summary>Sets up the driver's endpoint; a derived backend calls this first and then asks its cluster for executors.</summary>
    public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Tells all executors to stop; a derived backend calls this first and then leaves its cluster.</summary>
    public override Task StopAsync() => Task.CompletedTask;

    /// <summary>Tells the scheduler that an executor is gone, as the cluster says.</summary>
    /// <param name="executorId">The executor.</param>
    /// <param name="message">What the cluster knows of it, for people.</param>
    /// <param name="exitCausedByApp">Whether its tasks may have brought it down, so that it counts as their failure.</param>
    protected void RemoveExecutor(string executorId, string message, bool exitCausedByApp) => throw new InvalidOperationException($"{TaskScheduler} not started");
}
