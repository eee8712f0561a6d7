using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Executor;
using Sparkish.Rpc;

namespace Sparkish.Backend;

/// <summary>A backend whose executors register with the driver by themselves; a cluster manager derives from it and starts them.</summary>
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

    /// <summary>What the backend was made from.</summary>
    protected SchedulerBackendContext Context { get; } = context;

    /// <summary>Where executors register, as <c>spark://CoarseGrainedScheduler@host:port</c>; known after <see cref="StartAsync"/>.</summary>
    protected string DriverUrl => TaskScheduler.ToString();

    /// <summary>
    /// Whether the cluster says which executors it starts (<see cref="ExpectExecutor"/>), so that the driver takes no others.
    /// </summary>
    protected virtual bool KnowsExecutors => false;

    /// <summary>Sets up the driver's endpoint; a derived backend calls this first and then asks its cluster for executors.</summary>
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

    /// <summary>Tells all executors to stop; a derived backend calls this first and then leaves its cluster.</summary>
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

    /// <summary>Tells the scheduler that the cluster starts an executor, which will register.</summary>
    protected void ExpectExecutor(string executorId) => TaskScheduler.Send(new ExpectExecutor(executorId));

    /// <summary>Tells the scheduler that an executor is gone, as the cluster says.</summary>
    /// <param name="executorId">The executor.</param>
    /// <param name="message">What the cluster knows of it, for people.</param>
    /// <param name="exitCausedByApp">Whether its tasks may have brought it down, so that it counts as their failure.</param>
    protected void RemoveExecutor(string executorId, string message, bool exitCausedByApp) =>
        TaskScheduler.Send(new RemoveExecutor(executorId, message, exitCausedByApp));

    /// <summary>
    /// Tells the scheduler that the cluster starts no further executors: jobs end when the last is gone, and none comes within
    /// <c>spark.starvation.timeout</c>.
    /// </summary>
    /// <param name="reason">Why, for people: what follows 'because' in a sentence.</param>
    protected void EndWithLastExecutor(string reason) => TaskScheduler.Send(new NoMoreExecutors(reason));
}
