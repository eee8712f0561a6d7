namespace Sparkish.Rpc;

/// <summary>
/// Creates envs: over the network, in simulation, or on another actor system. A public implementation with a parameterless constructor can be chosen for all
/// nodes of a cluster by <c>spark.rpc.factory</c>.
/// </summary>
public interface IRpcEnvFactory
{
    /// <summary>Creates an env and starts to listen.</summary>
    /// <exception cref="SparkException">The address cannot be bound; the message gives the reason and advice.</exception>
    RpcEnv Create(RpcEnvOptions options);
}
