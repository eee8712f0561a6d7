namespace Sparkish.Rpc.Transport;

/// <summary>Makes envs that speak over TCP.</summary>
public sealed class NetworkRpcEnvFactory : IRpcEnvFactory
{
    /// <inheritdoc/>
    public RpcEnv Create(RpcEnvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new NetworkRpcEnv(options);
    }
}
