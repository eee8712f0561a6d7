namespace Sparkish.Rpc.Transport;

/// <summary>Creates envs that communicate over TCP.</summary>
public sealed class NetworkRpcEnvFactory : IRpcEnvFactory
{
    /// <inheritdoc/>
    public RpcEnv Create(RpcEnvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new NetworkRpcEnv(options);
    }
}
