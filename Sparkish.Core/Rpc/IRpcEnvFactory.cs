namespace Sparkish.Rpc;

/// <summary>Makes envs: over the network, in simulation, or on another actor system.</summary>
public interface IRpcEnvFactory
{
    /// <summary>Makes an env and starts to listen.</summary>
    /// <exception cref="SparkException">The address cannot be bound; the message says why and what to do.</exception>
    RpcEnv Create(RpcEnvOptions options);
}
