using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Executor;
using Sparkish.Rpc;

namespace Sparkish.Backend;

/// <summary>A backend whose executors register with the driver themselves; a cluster manager derives from it and starts them.</summary>
public abstract class CoarseGrainedSchedulerBackend(SchedulerBackendContext context) : SchedulerBackend
{
    /// <summary>The name of the driver's endpoint.</summary>
    public const string EndpointName = "CoarseGrainedScheduler";

    private const int MinParallelism = 2;

    private DriverEndpoint? _driver;
    private RpcEndpointRef? _driverRef;

    /// <inheritdoc/>
    public override int DefaultParallelism
    {
        get
        {
            var set = Context.Conf.Get(SchedulerKeys.DefaultParallelism);
            return set > 0 ? set : Math.Max(_driver?.TotalCores ?? 0, MinParallelism);
        }
    }

    /// <inheritdoc/>
    public override RpcEndpointRef TaskScheduler => _driverRef ?? throw new InvalidOperationException("The backend is not started.");

    /// <summary>The services of the backend.</summary>
    protected SchedulerBackendContext Context { get; } = context;

    /// <summary>The address at which executors register, as <c>spark://CoarseGrainedScheduler@host:port</c>; known after <see cref="StartAsync"/>.</summary>
    protected string DriverUrl => TaskScheduler.ToString();

    /// <summary>Whether the cluster announces the executors that it starts (<see cref="ExpectExecutor"/>), so that the driver accepts no others.</summary>
    protected virtual bool KnowsExecutors => false;

    /// <summary>Sets up the driver's endpoint; a derived backend calls this first and then requests executors from its cluster.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Context.Env.FileServer.ServeApplication();
        _driver = new DriverEndpoint(Context.Conf, Context.DagScheduler, Context.MapOutputTracker,
            Context.Listeners, SchedulingRandom.New(), Context.LoggerFactory.CreateLogger<DriverEndpoint>())
        {
            KnowsExecutors = KnowsExecutors,
        };
        _driverRef = Context.Env.SetupEndpoint(EndpointName, _driver);
        return Task.CompletedTask;
    }

    /// <summary>Asks all executors to stop; a derived backend calls this first and then leaves its cluster.</summary>
    public override async Task StopAsync()
    {
        if (_driverRef is not { } driver) return;
        try
        {
            await driver.AskAsync<bool>(new StopExecutors()).ConfigureAwait(false);
        }
        catch (SparkException e)
        {
            Context.LoggerFactory.CreateLogger<DriverEndpoint>().StopIncomplete(e);
        }
    }

    /// <summary>Notifies the scheduler that the cluster starts an executor, which will register.</summary>
    protected void ExpectExecutor(string executorId) => TaskScheduler.Send(new ExpectExecutor(executorId));

    /// <summary>Notifies the scheduler that the cluster has lost an executor.</summary>
    /// <param name="executorId">The executor.</param>
    /// <param name="message">The cluster's description of the loss, for people.</param>
    /// <param name="exitCausedByApp">Whether its tasks may have caused the loss, so that it counts as their failure.</param>
    protected void RemoveExecutor(string executorId, string message, bool exitCausedByApp) =>
        TaskScheduler.Send(new RemoveExecutor(executorId, message, exitCausedByApp));

    /// <summary>
    /// Notifies the scheduler that the cluster takes an executor away. It gets no further task, and is asked to stop after its last one, or after
    /// <c>spark.executor.decommission.forceKillTimeout</c>.
    /// </summary>
    /// <param name="executorId">The executor.</param>
    /// <param name="message">The cluster's reason, for people.</param>
    protected void DecommissionExecutor(string executorId, string message) => TaskScheduler.Send(new DecommissionExecutor(executorId, message));

    /// <summary>
    /// Notifies the scheduler that the cluster starts no further executors: jobs fail when the last one is gone and no other registers within
    /// <c>spark.starvation.timeout</c>.
    /// </summary>
    /// <param name="reason">The reason, for people: the rest of a sentence after 'because'.</param>
    protected void EndWithLastExecutor(string reason) => TaskScheduler.Send(new NoMoreExecutors(reason));

    /// <summary>Notifies the scheduler that the cluster starts executors again, after <see cref="EndWithLastExecutor"/>.</summary>
    protected void ContinueAfterLastExecutor() => TaskScheduler.Send(new MoreExecutors());
}
