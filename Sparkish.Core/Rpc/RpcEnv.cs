using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Bulk;
using Sparkish.Serialization;

namespace Sparkish.Rpc;

/// <summary>
/// A node of the actor system: it owns endpoints, their names, its clock, its timers and its connections. Made by an <see cref="IRpcEnvFactory"/>.
/// All members may be called from any thread; those of a simulated env only from the simulation's.
/// </summary>
public abstract class RpcEnv : IAsyncDisposable
{
    /// <summary>The env's name, told to peers; such as <c>sparkMaster</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Where peers reach this env; a made-up address with port 0, which nobody can dial, when it does not listen.</summary>
    public abstract RpcAddress Address { get; }

    /// <summary>Which start of this node it is: another number each time, never 0.</summary>
    public abstract long Incarnation { get; }

    /// <summary>The settings that the env was made with.</summary>
    public abstract SparkConf Conf { get; }

    /// <summary>The clock of this node; endpoints use no other.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>Makes the loggers of this node.</summary>
    public abstract ILoggerFactory LoggerFactory { get; }

    /// <summary>What codecs need to read values that arrive on this node: its env, and the user types it admits.</summary>
    public abstract SerializationContext SerializationContext { get; }

    /// <summary>What peers may read from this node as streams.</summary>
    public abstract BulkServer Bulk { get; }

    /// <summary>Registers one instance as an endpoint under a name; its <see cref="RpcEndpoint.OnStart"/> is its first message. It cannot be restarted.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="InvalidOperationException">The instance is registered already.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public abstract RpcEndpointRef SetupEndpoint(string name, RpcEndpoint endpoint);

    /// <summary>Registers an endpoint by its factory, which makes the first instance now, on this thread, and another one for each restart.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public abstract RpcEndpointRef SetupEndpoint(string name, Func<RpcEndpoint> factory, RestartLimit? restarts = null);

    /// <summary>A ref to whatever endpoint has a name elsewhere, without asking whether there is one.</summary>
    public RpcEndpointRef RefTo(RpcEndpointAddress address) => RefTo(address, incarnation: 0);

    /// <summary>A ref to one incarnation of an endpoint, or to any if that is 0; for codecs of refs.</summary>
    public abstract RpcEndpointRef RefTo(RpcEndpointAddress address, long incarnation);

    /// <summary>A ref to an endpoint elsewhere, after asking whether it exists; it leads to the incarnation that was found.</summary>
    /// <exception cref="EndpointNotFoundException">It does not exist there.</exception>
    /// <exception cref="RpcConnectionException">The node cannot be reached.</exception>
    /// <exception cref="RpcTimeoutException">The node did not answer within <c>spark.rpc.lookupTimeout</c>.</exception>
    public abstract Task<RpcEndpointRef> SetupEndpointRefAsync(RpcEndpointAddress address, CancellationToken cancellationToken = default);

    /// <summary>Takes the name away at once, so that later messages fail; messages already in the inbox are still handled, then OnStop runs. Twice is harmless.</summary>
    /// <exception cref="ArgumentException">The endpoint does not live in this env.</exception>
    public abstract void Stop(RpcEndpointRef endpoint);

    /// <summary>Sends a message to an endpoint after a delay; dispose the result to cancel. Cancelled with a receiver of this env.</summary>
    public abstract IDisposable ScheduleOnce(TimeSpan delay, RpcEndpointRef receiver, object message);

    /// <summary>
    /// Sends a message again and again, first after a delay; dispose the result to cancel. Cancelled with a receiver of this env. A receiver of this
    /// env never has two of them waiting: one that is slow gets fewer, not a backlog.
    /// </summary>
    public abstract IDisposable ScheduleRepeatedly(TimeSpan delay, TimeSpan interval, RpcEndpointRef receiver, object message);

    /// <summary>A completion whose continuations run where this env runs code: on the thread pool, or in simulation on its thread.</summary>
    public abstract TaskCompletionSource<T> NewCompletion<T>();

    /// <summary>A source of randomness that belongs to the caller; in simulation it is derived from the seed.</summary>
    public abstract Random NewRandom();

    /// <summary>Opens a stream that a peer serves under a path, on a socket of its own. Blocks the calling thread; meant for task threads.</summary>
    /// <exception cref="RpcConnectionException">The peer cannot be reached or went away.</exception>
    /// <exception cref="BulkNotFoundException">The peer serves nothing under this path, or failed to; the message is the peer's.</exception>
    public abstract BulkStream OpenBulk(RpcAddress peer, string path);

    /// <summary>
    /// Stops endpoints (their inboxes are drained), sends what still waits to be sent for a bounded moment, then closes connections. Twice is
    /// harmless. A handler of this env may start it but must not block on it: it waits for the handler's own end.
    /// </summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Completes when the env has shut down; fails with the error of an endpoint that escalated.</summary>
    public abstract Task Termination { get; }

    /// <summary>Begins to tell an endpoint of this env of the end of another one.</summary>
    protected internal abstract void Watch(RpcEndpointRef watcher, RpcEndpointRef endpoint);

    /// <summary>Takes a <see cref="Watch"/> back.</summary>
    protected internal abstract void Unwatch(RpcEndpointRef watcher, RpcEndpointRef endpoint);

    /// <summary>Hands an error to <see cref="RpcEndpoint.OnError"/> of an endpoint of this env, as a message.</summary>
    protected internal abstract void PostError(RpcEndpointRef endpoint, Exception error);

    /// <summary>Reports an error that an endpoint of this env did not handle itself.</summary>
    protected internal abstract void ReportHandlerError(RpcEndpointRef endpoint, Exception error);

    /// <summary>Binds an instance to its ref; an env does this before <see cref="RpcEndpoint.OnStart"/>.</summary>
    /// <exception cref="InvalidOperationException">The instance is registered already.</exception>
    protected static void Attach(RpcEndpoint endpoint, RpcEndpointRef self)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.Attach(self);
    }
}
