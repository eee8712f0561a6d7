using Microsoft.Extensions.Logging;
using Sparkish.Diagnostics;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Deployment;
using Sparkish.Rpc.Files;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Local;

/// <summary>
/// The common part of our envs: endpoints, their supervision, timers and watches. The derived env sends messages to other nodes, over sockets or through a
/// simulated network.
/// </summary>
internal abstract partial class NodeRpcEnv : RpcEnv, IMeasuredEnv
{
    private readonly TimerSet _timers = new(); // those whose receiver is elsewhere
    private readonly TaskCompletionSource<bool> _ended;
    private readonly TaskCompletionSource<bool> _termination;
    private EndpointDeployments? _deployments;
    private Exception? _escalated;

    protected NodeRpcEnv(RpcEnvOptions options, AskTimeout askTimeout, TurnScheduler scheduler, long incarnation)
    {
        Name = options.Name;
        Conf = options.Conf;
        Time = options.Time;
        LoggerFactory = GuardedLoggerFactory.Over(options.LoggerFactory);
        Incarnation = incarnation;
        AskTimeout = askTimeout;
        Scheduler = scheduler;
        Log = LoggerFactory.CreateLogger("Sparkish.Rpc");
        SerializationContext = new RpcSerializationContext(this) { Types = options.UserTypes };
        DeploymentTypes = new DeploymentTypes(SerializationContext);
        FileServer = new RpcEnvFileServer(Bulk, UrlForPeers);
        Deadlines = new Deadlines(Time, askTimeout.Duration);
        Dispatcher = new Dispatcher(this, scheduler, Log);
        DeadLetters = new DeadLetters(Name, Time, Log, (error, peer) => Dispatcher.PostToAll(endpoint => endpoint.OnNetworkError(error, peer)));
        _ended = NewCompletion<bool>();
        _termination = NewCompletion<bool>();
    }

    public sealed override string Name { get; }

    public sealed override long Incarnation { get; }

    public sealed override SparkConf Conf { get; }

    public sealed override TimeProvider Time { get; }

    public sealed override ILoggerFactory LoggerFactory { get; }

    public sealed override SerializationContext SerializationContext { get; }

    public sealed override BulkServer Bulk { get; } = new();

    public sealed override RpcEnvFileServer FileServer { get; }

    public sealed override Task Termination => _termination.Task;

    /// <summary>The user types that messages may carry, by peer.</summary>
    public DeploymentTypes DeploymentTypes { get; }

    /// <summary>The default timeout of an ask.</summary>
    public AskTimeout AskTimeout { get; }

    public TurnScheduler Scheduler { get; }

    public Deadlines Deadlines { get; }

    public Dispatcher Dispatcher { get; }

    public sealed override DeadLetters DeadLetters { get; }

    public long AsksWaiting => Deadlines.Count;

    protected ILogger Log { get; }

    /// <summary>The timeout of a look-up of a remote endpoint.</summary>
    protected abstract AskTimeout LookupTimeout { get; }

    /// <summary>Refuses a name under which peers could not reach the endpoint.</summary>
    private static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > EndpointNames.MaxChars)
            throw new ArgumentException($"The endpoint name '{name[..32]}…' has {name.Length} characters; at most {EndpointNames.MaxChars} are allowed.", nameof(name));
        if (name.Contains('@', StringComparison.Ordinal) || EndpointNames.HasControls(name))
            throw new ArgumentException(
                $"The endpoint name '{string.Concat(name.Where(c => !char.IsControl(c)))}' has an @ or control characters, which URLs of endpoints cannot carry.",
                    nameof(name));
    }

    public sealed override RpcEndpointRef SetupEndpoint(string name, RpcEndpoint endpoint)
    {
        CheckName(name);
        ArgumentNullException.ThrowIfNull(endpoint);
        return Dispatcher.Register(name, endpoint);
    }

    public sealed override RpcEndpointRef SetupEndpoint(string name, Func<RpcEndpoint> factory, RestartLimit? restarts = null)
    {
        CheckName(name);
        ArgumentNullException.ThrowIfNull(factory);
        return Dispatcher.Register(name, Dispatcher.Make(factory, name), factory, restarts);
    }

    public sealed override RpcEndpointRef RefTo(RpcEndpointAddress address, long incarnation) => address.Address == Address
        ? new LocalEndpointRef(this, address.Name, incarnation)
        : new RemoteEndpointRef(this, address, incarnation);

    public sealed override async Task<RpcEndpointRef> SetupEndpointRefAsync(RpcEndpointAddress address, CancellationToken cancellationToken = default)
    {
        var verifier = (NodeEndpointRef)RefTo(address with { Name = EndpointVerifier.EndpointName });
        var incarnation = await verifier.AskAsync<long>(new CheckExistence(address.Name), LookupTimeout, cancellationToken).ConfigureAwait(false);
        return incarnation != 0 ? RefTo(address, incarnation) : throw new EndpointNotFoundException(address);
    }

    public sealed override Task<RpcEndpointRef> DeployAsync(
        RpcAddress node, string name, EndpointProps props, CancellationToken cancellationToken = default) =>
        _deployments!.DeployAsync(node, name, props, cancellationToken);

    public sealed override Task StopDeployedAsync(RpcEndpointRef endpoint, CancellationToken cancellationToken = default) =>
        _deployments!.StopAsync(endpoint, cancellationToken);

    public sealed override void Stop(RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.Address != Address)
            throw new ArgumentException($"{endpoint} does not belong to RpcEnv '{Name}' at {Address}; only its own env can stop it.", nameof(endpoint));
        if (Dispatcher.Find(endpoint.Name, endpoint.Incarnation) is { } inbox) Dispatcher.Unregister(inbox);
    }

    public sealed override IDisposable ScheduleOnce(TimeSpan delay, RpcEndpointRef receiver, object message) =>
        Schedule(delay, Timeout.InfiniteTimeSpan, receiver, message);

    public sealed override IDisposable ScheduleRepeatedly(TimeSpan delay, TimeSpan interval, RpcEndpointRef receiver, object message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        // The system's timers count milliseconds and treat a period of zero as no repetition.
        return Schedule(delay, interval >= TimeSpan.FromMilliseconds(1) ? interval : TimeSpan.FromMilliseconds(1), receiver, message);
    }

    public sealed override TaskCompletionSource<T> NewCompletion<T>() => new(Scheduler.Completions);

    /// <summary>Whether the env ended with its process, as only a simulated one can: then nothing of it runs any more, not even a shutdown.</summary>
    public virtual bool IsKilled => false;

    /// <summary>Called when an endpoint escalated its error to the env.</summary>
    public void Escalate(LocalEndpointRef endpoint, Exception error)
    {
        Log.Escalated(error, endpoint.Name, Name);
        Interlocked.CompareExchange(ref _escalated, error, null);
        BeginShutdown();
    }

    /// <summary>Binds an instance to its ref.</summary>
    public static void Bind(RpcEndpoint endpoint, RpcEndpointRef self) => Attach(endpoint, self);

    /// <summary>Delivers a message to a remote endpoint.</summary>
    public abstract void SendRemote(RemoteEndpointRef receiver, object message);

    /// <summary>Delivers an ask to a remote endpoint; the outcome is passed to <see cref="PendingAsk.Answer"/> under the number of the use.</summary>
    public abstract void AskRemote(RemoteEndpointRef receiver, object message, PendingAsk ask, int use);

    public (long Sum, long Max) MeasureInboxes() => Dispatcher.MeasureInboxes();

    public abstract ConnectionsUsage MeasureConnections();

    /// <summary>Whether a connection of this env lasts.</summary>
    public abstract bool IsConnected(long connection);

    /// <summary>Notifies the watcher that nothing arrives on a connection any more.</summary>
    public void PostConnectionEnded(long connection) =>
        Dispatcher.Find(EndpointWatcher.EndpointName, 0)?.Post(new SendEnvelope(new EndpointWatcher.ConnectionEnded(connection)));

    /// <summary>Waits for an ask on a thread that may block.</summary>
    /// <exception cref="InvalidOperationException">The calling thread runs a handler.</exception>
    public virtual T WaitFor<T>(Func<ValueTask<T>> ask)
    {
        RefuseInHandler();
        return Blocking.Wait(Begun(ask));
    }

    /// <summary>Asks on a thread that is about to block: work that the ask causes must not be queued on that thread.</summary>
    private static Task<T> Begun<T>(Func<ValueTask<T>> ask)
    {
        if (!WorkBatch.TryBegin()) return ask().AsTask();
        try
        {
            return ask().AsTask();
        }
        finally
        {
            WorkBatch.Share();
        }
    }

    /// <summary>Refuses a call from a thread that this env does not run on; only a simulated env checks this.</summary>
    public virtual void CheckThread() { }

    protected static void RefuseInHandler()
    {
        if (Turn.IsRunning || HandlerContext.IsAwaitedHandler)
            throw new InvalidOperationException(
                "AskSync inside a handler would block its endpoint, and deadlock if the reply depends on it: use AskAsync with PipeToSelf.");
    }

    protected internal sealed override void Watch(RpcEndpointRef watcher, RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var generation = Dispatcher.Find(watcher.Name, watcher.Incarnation)?.Generation ?? 0;
        Dispatcher.Find(EndpointWatcher.EndpointName, 0)?.Post(new SendEnvelope(new EndpointWatcher.LocalWatch(watcher, generation, endpoint)));
    }

    protected internal sealed override void Unwatch(RpcEndpointRef watcher, RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Dispatcher.Find(EndpointWatcher.EndpointName, 0)?.Post(new SendEnvelope(new EndpointWatcher.LocalUnwatch(watcher, endpoint)));
    }

    protected internal sealed override void PostError(RpcEndpointRef endpoint, Exception error)
    {
        if (Dispatcher.Find(endpoint.Name, endpoint.Incarnation) is { } inbox) inbox.PostError(inbox.Instance, error);
        else ReportHandlerError(endpoint, error);
    }

    protected internal sealed override void PostErrorOf(RpcEndpoint instance, RpcEndpointRef endpoint, Exception error)
    {
        if (Dispatcher.Find(endpoint.Name, endpoint.Incarnation) is { } inbox) inbox.PostError(instance, error);
        else ReportHandlerError(endpoint, error);
    }

    /// <summary>Reports an exception of an activity listener.</summary>
    public void ReportTracing(Exception error) => Log.TracingFailed(error, Name);

    /// <summary>Reports an exception of an ask's continuation: it has no other owner.</summary>
    public void ReportContinuation(Exception error) => Log.ContinuationFailed(error, Name);

    protected internal sealed override void ReportHandlerError(RpcEndpointRef endpoint, Exception error) => Log.HandlerFailed(error, endpoint.Name);

    /// <summary>Registers the endpoints of the framework itself; called at the end of construction.</summary>
    protected void SetupSystemEndpoints()
    {
        SetupEndpoint(EndpointVerifier.EndpointName, new EndpointVerifier(Dispatcher));
        SetupEndpoint(EndpointWatcher.EndpointName, new EndpointWatcher(this, Dispatcher));
        _deployments = EndpointDeployments.Start(this, DeploymentTypes);
        RpcMeter.Add(this);
    }

    /// <summary>Starts a piece of work of the env itself.</summary>
    protected virtual void Begin(Func<Task> work) =>
        _ = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default); // its caller may block next

    /// <summary>Flushes sent messages, then closes all connections; the endpoints have stopped.</summary>
    protected abstract Task CloseAsync();

    private string UrlForPeers() => Address.Port != 0
        ? Address.ToSparkUrl()
        : throw new SparkException($"RpcEnv '{Name}' does not listen, so no peer could fetch files from it: create it with Listen = true.");

    private ScheduledSend Schedule(TimeSpan delay, TimeSpan interval, RpcEndpointRef receiver, object message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(message);
        Inbox? inbox = null;
        var (timers, time) = (_timers, Time);
        if (receiver is LocalEndpointRef && receiver.Env == this)
        {
            inbox = Dispatcher.Find(receiver.Name, receiver.Incarnation);
            if (inbox is null)
            {
                Dispatcher.ReportUndelivered(message, receiver.Name, sender: null);
                return new ScheduledSend(timers, receiver, null, message, Log);
            }

            (timers, time) = (inbox.Timers, inbox.TimersOf(Time));
        }

        var scheduled = new ScheduledSend(timers, receiver, inbox, message, Log);
        scheduled.TryStart(time, delay, interval);
        return scheduled;
    }
}
