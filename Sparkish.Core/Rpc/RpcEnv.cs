#pragma warning disable MA0048 // an env, its factory and its options stand together
using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Bulk;
using Sparkish.Serialization;

namespace Sparkish.Rpc;

/// <summary>
/// A node of the actor system: it owns endpoints, their names, its clock and its connections. Made by an <see cref="IRpcEnvFactory"/>.
/// All members may be called from any thread.
/// </summary>
public abstract class RpcEnv : IAsyncDisposable
{
    /// <summary>The env's name, told to peers; such as <c>sparkMaster</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Where peers reach this env; a made-up address that only this env knows when it does not listen.</summary>
    public abstract RpcAddress Address { get; }

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

    /// <summary>Registers an endpoint under a name; its <see cref="RpcEndpoint.OnStart"/> is its first message.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public abstract RpcEndpointRef SetupEndpoint(string name, RpcEndpoint endpoint);

    /// <summary>A ref to an endpoint elsewhere, without asking whether it exists.</summary>
    public abstract RpcEndpointRef RefTo(RpcEndpointAddress address);

    /// <summary>A ref to an endpoint elsewhere, after asking whether it exists.</summary>
    /// <exception cref="EndpointNotFoundException">It does not exist there.</exception>
    /// <exception cref="RpcConnectionException">The node cannot be reached.</exception>
    /// <exception cref="RpcTimeoutException">The node did not answer within <c>spark.rpc.lookupTimeout</c>.</exception>
    public abstract Task<RpcEndpointRef> SetupEndpointRefAsync(RpcEndpointAddress address, CancellationToken cancellationToken = default);

    /// <summary>Takes the name away at once, so that later messages fail; messages already in the inbox are still handled, then OnStop runs.</summary>
    public abstract void Stop(RpcEndpointRef endpoint);

    /// <summary>Sends a message to an endpoint after a delay; dispose the result to cancel.</summary>
    public abstract IDisposable ScheduleOnce(TimeSpan delay, RpcEndpointRef receiver, object message);

    /// <summary>Opens a stream that a peer serves under a path, on a socket of its own. Blocks the calling thread; meant for task threads.</summary>
    /// <exception cref="RpcConnectionException">The peer cannot be reached or went away.</exception>
    /// <exception cref="BulkNotFoundException">The peer serves nothing under this path, or failed to; the message is the peer's.</exception>
    public abstract BulkStream OpenBulk(RpcAddress peer, string path);

    /// <summary>
    /// Stops endpoints (their inboxes are drained), sends what still waits to be sent for a bounded moment, then closes connections. Twice is
    /// harmless. A handler of this env may start it but must not block on it: it waits for the handler's own end.
    /// </summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Completes when the env has shut down.</summary>
    public abstract Task Termination { get; }

    internal abstract void ReportHandlerError(RpcEndpointRef endpoint, Exception error);
}

/// <summary>Makes envs: over the network, in simulation, or on another actor system.</summary>
public interface IRpcEnvFactory
{
    /// <summary>Makes an env and starts to listen.</summary>
    /// <exception cref="SparkException">The address cannot be bound; the message says why and what to do.</exception>
    RpcEnv Create(RpcEnvOptions options);
}

/// <summary>How to make an env.</summary>
/// <param name="Name">The env's name.</param>
/// <param name="Conf">The settings; keys <c>spark.rpc.*</c>.</param>
/// <param name="Messages">The message types that may cross the wire.</param>
public sealed record RpcEnvOptions(string Name, SparkConf Conf, MessageRegistry Messages)
{
    /// <summary>Whether to listen; an env that does not can only talk to itself.</summary>
    public bool Listen { get; init; } = true;

    /// <summary>The address to bind to.</summary>
    public string BindHost { get; init; } = "127.0.0.1";

    /// <summary>The address told to peers; the bound one unless given.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>The port; 0 lets the system choose.</summary>
    public int Port { get; init; }

    /// <summary>The port told to peers, where another one leads to <see cref="Port"/>, as behind NAT; the bound one unless given.</summary>
    public int? AdvertisedPort { get; init; }

    /// <summary>How many of the following ports are tried when <see cref="Port"/> is in use, as Spark's <c>spark.port.maxRetries</c> has it.</summary>
    public int PortMaxRetries { get; init; }

    /// <summary>What this node is in its cluster, told to peers; such as <c>worker</c>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The user types that messages may carry; null where none are accepted, as on a Master or Worker.</summary>
    public TypeBinder? UserTypes { get; init; }

    /// <summary>Makes the loggers.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance;
}
