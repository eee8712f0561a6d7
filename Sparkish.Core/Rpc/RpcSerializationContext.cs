using Sparkish.Serialization;

namespace Sparkish.Rpc;

/// <summary>What codecs need to read values that arrive on a node: its env, which the refs among them belong to from then on.</summary>
public sealed class RpcSerializationContext(RpcEnv env) : SerializationContext
{
    /// <summary>The env on which values arrive.</summary>
    public RpcEnv Env { get; } = env;
}
