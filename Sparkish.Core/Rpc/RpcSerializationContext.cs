using Sparkish.Serialization;
using Sparkish.Serialization.Types;

namespace Sparkish.Rpc;

/// <summary>
/// What codecs need to read values that arrive on a node: its env, which the refs among them belong to from then on. Which types are admitted, and
/// what a value may cost, the env's configuration says unless it is set here.
/// </summary>
public sealed class RpcSerializationContext : SerializationContext
{
    /// <summary>Makes the context of a node.</summary>
    /// <param name="env">The env on which values arrive.</param>
    /// <exception cref="SparkException">A setting of the env's configuration is wrong.</exception>
    public RpcSerializationContext(RpcEnv env)
    {
        ArgumentNullException.ThrowIfNull(env);
        Env = env;
        Admission = TypeAdmission.From(env.Conf);
        Limits = SerializationLimits.From(env.Conf);
    }

    /// <summary>The env on which values arrive.</summary>
    public RpcEnv Env { get; }
}
