using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.TestKit;

/// <summary>Creates envs for tests in one line.</summary>
public static class TestEnvs
{
    /// <summary>
    /// Creates an env on the loopback interface, on a port that the system chooses; of another kind if the settings name one (<c>spark.rpc.factory</c>).
    /// </summary>
    public static RpcEnv Network(string name = "test", MessageRegistry? messages = null, SparkConf? conf = null, TimeProvider? time = null) =>
        RpcEnv.Create(Options(name, messages, conf) with { Time = time ?? TimeProvider.System });

    /// <summary>Creates an env without a listener, for endpoints of one process; of another kind if the settings name one (<c>spark.rpc.factory</c>).</summary>
    public static RpcEnv Local(string name = "test", SparkConf? conf = null, TimeProvider? time = null) =>
        RpcEnv.Create(Options(name, null, conf) with { Time = time ?? TimeProvider.System, Listen = false });

    /// <summary>Minimal options for a test; settings are not read from files.</summary>
    public static RpcEnvOptions Options(string name = "test", MessageRegistry? messages = null, SparkConf? conf = null) =>
        new(name, conf ?? new SparkConf(false), messages ?? new MessageRegistry());

    /// <summary>A ref on this env to an endpoint of another: the same incarnation.</summary>
    public static RpcEndpointRef RefTo(this RpcEnv env, RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(endpoint);
        return env.RefTo(new RpcEndpointAddress(endpoint.Address, endpoint.Name), endpoint.Incarnation);
    }
}
