using Sparkish.Serialization;
using Sparkish.Serialization.Types;

namespace Sparkish.Rpc;

/// <summary>
/// The context in which codecs read values that arrive on a node: its env, to which the refs among them belong from then on. The env's configuration sets the
/// admitted types and the limits, unless they are set here.
/// </summary>
public sealed class RpcSerializationContext : SerializationContext
{
    /// <summary>Creates the context of a node.</summary>
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
