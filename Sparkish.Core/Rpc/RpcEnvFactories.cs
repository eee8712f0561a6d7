using Sparkish.Configuration;

namespace Sparkish.Rpc;

/// <summary>Finds the factory of envs that <c>spark.rpc.factory</c> names. All nodes of a cluster need the same one.</summary>
public static class RpcEnvFactories
{
    // By their names, so that the abstraction does not depend on what implements it.
    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["network"] = "Sparkish.Rpc.Transport.NetworkRpcEnvFactory, Sparkish.Core",
    };

    /// <summary>Makes the factory that the settings name; that of the built-in network env unless they name one.</summary>
    /// <exception cref="SparkException">The value of <c>spark.rpc.factory</c> leads to no usable factory; the message says why and what to do.</exception>
    public static IRpcEnvFactory From(SparkConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        var value = conf.Get(CoreKeys.RpcFactory).Trim();
        return PluginType.Create<IRpcEnvFactory>(CoreKeys.RpcFactory.Key, ShortNames.GetValueOrDefault(value, value), [.. ShortNames.Keys]);
    }
}
