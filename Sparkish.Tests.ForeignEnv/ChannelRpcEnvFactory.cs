using Sparkish.Rpc;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>Makes envs that are joined by channels within this process. For <c>spark.rpc.factory</c>.</summary>
public sealed class ChannelRpcEnvFactory : IRpcEnvFactory
{
    public RpcEnv Create(RpcEnvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ChannelRpcEnv(options);
    }
}
