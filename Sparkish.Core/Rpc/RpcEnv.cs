using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Files;
using Sparkish.Serialization;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rpc;

/// <summary>
/// A node of the actor system: it owns endpoints, their names, its clock, its timers and its connections. Created by an <see cref="IRpcEnvFactory"/>. All
/// members may be called from any thread; those of a simulated env only from the simulation's.
/// </summary>
public abstract class RpcEnv : IAsyncDisposable
{
    /// <summary>
    /// Creates an env with the settings of the environment, without application messages. It is of the kind in <c>spark.rpc.factory</c>, reachable from this
    /// machine only (<see cref="RpcEnvOptions.BindHost"/>), on a port that the system chooses.
    /// </summary>
    /// <param name="name">The env's name.</param>
    /// <exception cref="SparkException">A setting is invalid, or the env cannot listen; the message gives the reason and advice.</exception>
    public static RpcEnv Create(string name) => Create(new RpcEnvOptions(name));

    /// <summary>Creates an env with given settings, reachable from this machine only, on a port that the system chooses.</summary>
    /// <param name="name">The env's name.</param>
    /// <param name="conf">The settings.</param>
    /// <param name="messages">The application messages that may cross the wire; none unless given.</param>
    /// <exception cref="SparkException">A setting is invalid, or the env cannot listen; the message gives the reason and advice.</exception>
    public static RpcEnv Create(string name, SparkConf conf, MessageRegistry? messages = null) =>
        Create(new RpcEnvOptions(name, conf, messages ?? new MessageRegistry()));

    /// <summary>Creates an env of the kind in <c>spark.rpc.factory</c> of the options' settings.</summary>
    /// <exception cref="SparkException">A setting is invalid, or the env cannot listen; the message gives the reason and advice.</exception>
    public static RpcEnv Create(RpcEnvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return RpcEnvFactories.From(options.Conf).Create(options);
    }

    private DeadLetters? _deadLetters;

    /// <summary>The env's name, sent to peers; such as <c>sparkMaster</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The address under which peers reach this env; if it does not listen, a generated one with port 0 that cannot be dialled.</summary>
    public abstract RpcAddress Address { get; }

    /// <summary>Which start of this node it is: another number each time, never 0.</summary>
    public abstract long Incarnation { get; }

    /// <summary>The settings of the env.</summary>
    public abstract SparkConf Conf { get; }

    /// <summary>The clock of this node; endpoints use no other.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>Creates the loggers of this node.</summary>
    public abstract ILoggerFactory LoggerFactory { get; }

    /// <summary>The context in which codecs read values that arrive on this node: its env, and the user types it admits.</summary>
    public abstract SerializationContext SerializationContext { get; }

    /// <summary>The streams that peers may read from this node.</summary>
    public abstract BulkServer Bulk { get; }

    /// <summary>
    /// The messages that this env could not deliver: their number, and subscriptions to them. An implementation of an env reports them there, and disposes the
    /// object when it stops.
    /// </summary>
    public virtual DeadLetters DeadLetters => LazyInitializer.EnsureInitialized(ref _deadLetters, () => new DeadLetters(Name, Time, LoggerFactory));

    /// <summary>Serves files, assemblies and directories of this node to others.</summary>
    public abstract RpcEnvFileServer FileServer { get; }

    /// <summary>
    /// Registers one instance as an endpoint under a name; its <see cref="RpcEndpoint.OnStart"/> is its first message. It cannot be restarted.
    /// </summary>
    /// <exception cref="ArgumentException">The name is in use.</exception>
    /// <exception cref="InvalidOperationException">The instance is registered already.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public abstract RpcEndpointRef SetupEndpoint(string name, RpcEndpoint endpoint);

    /// <summary>Registers an endpoint by its factory. The factory creates the first instance now, on this thread, and another one for each restart.</summary>
    /// <exception cref="ArgumentException">The name is in use.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public abstract RpcEndpointRef SetupEndpoint(string name, Func<RpcEndpoint> factory, RestartLimit? restarts = null);

    /// <summary>Returns a ref to a remote endpoint by name, without checking that it exists.</summary>
    public RpcEndpointRef RefTo(RpcEndpointAddress address) => RefTo(address, incarnation: 0);

    /// <summary>Returns a ref to one incarnation of an endpoint, or to any if that is 0. For codecs of refs.</summary>
    public abstract RpcEndpointRef RefTo(RpcEndpointAddress address, long incarnation);

    /// <summary>A ref to an endpoint elsewhere, after asking whether it exists; it leads to the incarnation that was found.</summary>
    /// <exception cref="EndpointNotFoundException">The endpoint does not exist on that node.</exception>
    /// <exception cref="RpcConnectionException">The node cannot be reached.</exception>
    /// <exception cref="RpcTimeoutException">The node did not reply within <c>spark.rpc.lookupTimeout</c>.</exception>
    public abstract Task<RpcEndpointRef> SetupEndpointRefAsync(RpcEndpointAddress address, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes the name at once, so that later messages fail; messages already in the inbox are still handled, then OnStop runs. Calling it twice is harmless.
    /// </summary>
    /// <exception cref="ArgumentException">The endpoint belongs to another env.</exception>
    public abstract void Stop(RpcEndpointRef endpoint);

    /// <summary>Sends a message to an endpoint after a delay; dispose the result to cancel. Cancelled with a receiver of this env.</summary>
    public abstract IDisposable ScheduleOnce(TimeSpan delay, RpcEndpointRef receiver, object message);

    /// <summary>
    /// Sends a message repeatedly, first after a delay. Dispose the result to cancel; the end of a receiver in this env cancels it too. At most one such
    /// message waits in the inbox of a receiver in this env: a slow receiver gets fewer messages, not a backlog.
    /// </summary>
    public abstract IDisposable ScheduleRepeatedly(TimeSpan delay, TimeSpan interval, RpcEndpointRef receiver, object message);

    /// <summary>Creates a completion whose continuations run where this env runs code: on the thread pool, or on the thread of the simulation.</summary>
    public abstract TaskCompletionSource<T> NewCompletion<T>();

    /// <summary>A source of randomness that belongs to the caller; in simulation it is derived from the seed.</summary>
    public abstract Random NewRandom();

    /// <summary>Opens a stream that a peer serves at a path, on a separate socket. Blocks the calling thread; meant for task threads.</summary>
    /// <exception cref="RpcConnectionException">The peer cannot be reached or went away.</exception>
    /// <exception cref="BulkNotFoundException">The peer serves nothing under this path, or failed to; the message is the peer's.</exception>
    public abstract BulkStream OpenBulk(RpcAddress peer, string path);

    /// <summary>
    /// Opens a file that another env's <see cref="FileServer"/> serves, by its URL. Blocks the calling thread, as its reads do. If the file changes while it is
    /// read, a read fails with an <see cref="IOException"/>.
    /// </summary>
    /// <exception cref="SparkException">The URL is not valid.</exception>
    /// <exception cref="RpcConnectionException">The peer cannot be reached or went away.</exception>
    /// <exception cref="BulkNotFoundException">The peer does not serve the file, or it is not a regular file.</exception>
    public BulkStream OpenFile(string url)
    {
        var file = FileUrl.Parse(url);
        return OpenBulk(RpcAddress.Parse(file.Authority), file.Path);
    }

    /// <summary>
    /// Fetches a file that another env's <see cref="FileServer"/> serves. An interrupted transfer resumes after a pause (<c>spark.files.io.retryWait</c>,
    /// <c>spark.files.io.maxRetries</c>), if the file's version is unchanged. The file appears under its name only after its SHA-256 was verified; an error
    /// leaves no file.
    /// </summary>
    /// <param name="url">Its URL, <c>spark://host:port/files/NAME</c>.</param>
    /// <param name="destination">Its name here; a file of this name is replaced.</param>
    /// <param name="sha256">The expected SHA-256 in hexadecimal; without it, the one that the peer announces.</param>
    /// <param name="cancellationToken">Cancels the transfer.</param>
    /// <exception cref="SparkException">
    /// The file could not be fetched, changed during the transfer, has another hash, or cannot be written here; the message gives the reason.
    /// </exception>
    public Task FetchFileAsync(string url, string destination, string? sha256 = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(destination);
        var file = FileUrl.Parse(url);
        var peer = new FilePeerOfEnv(this, RpcAddress.Parse(file.Authority));
        return new FileFetch(file, peer, FetchOptions.From(Conf)).RunAsync(Path.GetFullPath(destination), sha256, cancellationToken);
    }

    /// <summary>
    /// Starts an endpoint of a type of this process's application on another node, supervised there: restarts create new instances from the props. The node
    /// must permit it (<c>spark.rpc.deploy.enabled</c>) and authenticate this env; it fetches missing assemblies of the application from here. With
    /// <see cref="EndpointProps.StopsWithDeployer"/>, the endpoint stops when this env stops or the connection ends.
    /// </summary>
    /// <returns>
    /// A ref to the endpoint, which can be watched like any other. Messages between the endpoint and this env may be of the application's types.
    /// </returns>
    /// <exception cref="SerializationException">The factory captures something that cannot be sent; the message names the path to it.</exception>
    /// <exception cref="RpcRemoteException">
    /// The node refused, lacks an assembly, runs another build of Sparkish, already has the name, or the factory threw.
    /// </exception>
    /// <exception cref="RpcConnectionException">The node cannot be reached or went away.</exception>
    /// <exception cref="RpcTimeoutException">
    /// The node did not reply within <c>spark.rpc.askTimeout</c>; if it starts the endpoint later, it stops it again.
    /// </exception>
    /// <exception cref="SparkException">This env does not listen, so the node could not fetch its assemblies.</exception>
    public abstract Task<RpcEndpointRef> DeployAsync(RpcAddress node, string name, EndpointProps props, CancellationToken cancellationToken = default);

    /// <summary>Stops an endpoint that any env deployed to another node, and completes when it has stopped. Calling it twice is harmless.</summary>
    /// <exception cref="RpcRemoteException">The endpoint was not deployed but set up by the node itself, or the node cannot authenticate this env.</exception>
    /// <exception cref="RpcConnectionException">The node cannot be reached or went away.</exception>
    /// <exception cref="RpcTimeoutException">The endpoint did not stop within <c>spark.rpc.askTimeout</c>.</exception>
    public abstract Task StopDeployedAsync(RpcEndpointRef endpoint, CancellationToken cancellationToken = default);

    /// <summary>Runs blocking or long work on a separate thread; in simulation on its thread, at once.</summary>
    protected internal virtual Task<T> RunBlockingAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>
    /// Stops endpoints (their inboxes are drained), flushes pending messages for a bounded time, then closes connections. Calling it twice is harmless. A
    /// handler of this env may start it but must not block on it: it waits for the handler's own end.
    /// </summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>The tasks that a program adds to the shutdown of this env.</summary>
    public CoordinatedShutdown CoordinatedShutdown { get; } = new();

    /// <summary>
    /// Does the same as <see cref="DisposeAsync"/>, but with a deadline: endpoints whose handlers have not finished by then are abandoned and reported. The env
    /// then stops within a few seconds, in which it flushes sent messages. If called several times, the earliest deadline holds.
    /// </summary>
    /// <param name="deadline">Time limit for handlers and shutdown tasks, by the env's clock; infinite for no limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The deadline is negative, and not infinite.</exception>
    public virtual async Task<ShutdownReport> ShutdownAsync(TimeSpan deadline)
    {
        if (deadline != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThan(deadline, TimeSpan.Zero);
        var ended = DisposeAsync().AsTask();
        try
        {
            await ended.WaitAsync(deadline <= TimeSpan.FromDays(49) ? deadline : Timeout.InfiniteTimeSpan, Time).ConfigureAwait(false);
            return new ShutdownReport([], [], MissedDeadline: false);
        }
        catch (TimeoutException) when (!ended.IsCompleted)
        {
            return new ShutdownReport([], [], MissedDeadline: true);
        }
    }

    /// <summary>Stops an endpoint like <see cref="Stop"/>, and completes when its <see cref="RpcEndpoint.OnStop"/> has completed.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="deadline">
    /// Time limit by the env's clock; none unless given. An endpoint that has not stopped by then is abandoned: it is reported, and nothing waits for it any
    /// more.
    /// </param>
    /// <returns>Whether it stopped in time.</returns>
    /// <exception cref="ArgumentException">The endpoint belongs to another env.</exception>
    /// <exception cref="NotSupportedException">This env cannot wait for single endpoints.</exception>
    public virtual Task<bool> StopAsync(RpcEndpointRef endpoint, TimeSpan? deadline = null) =>
        throw new NotSupportedException($"{GetType().Name} cannot wait for the end of an endpoint: call Stop, and watch it.");

    /// <summary>Completes when the env has shut down; fails with the error of an endpoint that escalated.</summary>
    public abstract Task Termination { get; }

    /// <summary>Starts a watch of one endpoint by another endpoint of this env.</summary>
    protected internal abstract void Watch(RpcEndpointRef watcher, RpcEndpointRef endpoint);

    /// <summary>Cancels a <see cref="Watch"/>.</summary>
    protected internal abstract void Unwatch(RpcEndpointRef watcher, RpcEndpointRef endpoint);

    /// <summary>Hands an error to <see cref="RpcEndpoint.OnError"/> of an endpoint of this env, as a message.</summary>
    protected internal abstract void PostError(RpcEndpointRef endpoint, Exception error);

    /// <summary>
    /// Hands an error to <see cref="RpcEndpoint.OnError"/> of the very instance that it belongs to, as a message; reports it if that was replaced.
    /// </summary>
    protected internal virtual void PostErrorOf(RpcEndpoint instance, RpcEndpointRef endpoint, Exception error) => PostError(endpoint, error);

    /// <summary>Reports an error that an endpoint of this env did not handle itself.</summary>
    protected internal abstract void ReportHandlerError(RpcEndpointRef endpoint, Exception error);

    /// <summary>Binds an instance to its ref; an env does this before <see cref="RpcEndpoint.OnStart"/>.</summary>
    /// <exception cref="InvalidOperationException">The instance is registered already.</exception>
    protected static void Attach(RpcEndpoint endpoint, RpcEndpointRef self)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.Attach(self);
    }

    /// <summary>Delivers a message of a peer to an endpoint, with its sender.</summary>
    /// <param name="endpoint">The instance.</param>
    /// <param name="message">The message.</param>
    /// <param name="peer">The peer.</param>
    protected static void Receive(RpcEndpoint endpoint, object message, RpcPeer peer)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(peer);
        endpoint.ReceiveFrom(new SourceOf(peer), message);
    }

    /// <summary>
    /// Promises that this env waits for each handler of an endpoint, as described at <see cref="TakeRunningHandler"/>; an env calls it before
    /// <see cref="RpcEndpoint.OnStart"/>. On an env that does not, the endpoint refuses every message.
    /// </summary>
    /// <param name="endpoint">The instance.</param>
    /// <param name="abandoned">Passed to the endpoint's handlers: cancelled when the deadline of a stop has passed.</param>
    protected static void AwaitHandlers(AsyncRpcEndpoint endpoint, CancellationToken abandoned)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.LetAwait(abandoned);
    }

    /// <summary>
    /// Takes the task of the handler that <see cref="RpcEndpoint.Receive"/> or <see cref="RpcEndpoint.ReceiveAndReply"/> has just started. The env delivers
    /// nothing else to the endpoint until the task has completed, and treats its failure as an exception of the handler.
    /// </summary>
    /// <returns>Null if the handler has already completed.</returns>
    protected static Task? TakeRunningHandler(AsyncRpcEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.TakeRunning();
    }

    private sealed record SourceOf(RpcPeer Peer) : IMessageSource;

    /// <summary>A peer of this env, for the transfer of one file.</summary>
    private sealed class FilePeerOfEnv(RpcEnv env, RpcAddress address) : FilePeer
    {
        public override TimeProvider Time => env.Time;

        public override Random Random { get; } = env.NewRandom();

        public override Stream Open(string path) => env.OpenBulk(address, path);

        public override bool IsTransient(Exception error) => error is RpcConnectionException or IOException;

        public override Task<T> RunBlockingAsync<T>(Func<T> work) => env.RunBlockingAsync(work);
    }
}
