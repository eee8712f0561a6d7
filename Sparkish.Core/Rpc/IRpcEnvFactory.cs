namespace Sparkish.Rpc;

/// <summary>
/// Makes envs: over the network, in simulation, or on another actor system. A public one with a parameterless constructor can be chosen for all nodes
/// of a cluster by <c>spark.rpc.factory</c>.
/// </summary>
public interface IRpcEnvFactory
{
    /// <summary>Makes an env and starts to listen.</summary>
    /// <exception cref="SparkException">The address cannot be bound; the message says why and what to do.</exception>
    RpcEnv Create(RpcEnvOptions options);
}
