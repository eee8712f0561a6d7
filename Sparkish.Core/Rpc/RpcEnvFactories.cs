using Sparkish.Configuration;

namespace Sparkish.Rpc;

/// <summary>Finds the factory of envs that <c>spark.rpc.factory</c> names. All nodes of a cluster need the same one.</summary>
public static class RpcEnvFactories
{
    // By name, so that the abstraction does not depend on its implementations.
    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["network"] = "Sparkish.Rpc.Transport.NetworkRpcEnvFactory, Sparkish.Core",
        ["akka"] = "Sparkish.Akka.AkkaRpcEnvFactory, Sparkish.Akka",
    };

    /// <summary>Creates the factory that the settings name; that of the built-in network env unless set.</summary>
    /// <exception cref="SparkException">The value of <c>spark.rpc.factory</c> is not a usable factory; the message gives the reason and advice.</exception>
    public static IRpcEnvFactory From(SparkConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        return PluginType.Create<IRpcEnvFactory>(conf, CoreKeys.RpcFactory, ShortNames);
    }
}
