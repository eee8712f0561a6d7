using Sparkish.Rpc;

namespace Sparkish.Akka;

/// <summary>Makes envs on Akka.NET, each with an actor system of its own. For <c>spark.rpc.factory</c>, where its short name is <c>akka</c>.</summary>
public sealed class AkkaRpcEnvFactory : IRpcEnvFactory
{
    /// <inheritdoc/>
    public RpcEnv Create(RpcEnvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ActorSystemRpcEnv(options, system: null);
    }
}
