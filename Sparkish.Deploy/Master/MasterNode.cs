using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Deploy.Master;

/// <summary>A master in its own env, as run by <c>sparkish master</c> and by a local cluster.</summary>
internal sealed class MasterNode : IAsyncDisposable
{
    private readonly RpcEnv _env;

    private MasterNode(RpcEnv env) => _env = env;

    /// <summary>The address of the master for workers and applications.</summary>
    public RpcAddress Address => _env.Address;

    /// <summary>Starts a master.</summary>
    /// <exception cref="SparkException">A setting is wrong, or the address cannot be bound.</exception>
    /// <param name="envs">Creates its env.</param>
    /// <param name="conf">Its settings.</param>
    /// <param name="host">The address that it binds to.</param>
    /// <param name="port">The port; 0 lets the system choose.</param>
    /// <param name="loggers">Creates its loggers.</param>
    /// <param name="automaticSecret">The cluster's secret if the settings give none.</param>
    public static MasterNode Start(
        IRpcEnvFactory envs, SparkConf conf, string host, int port, ILoggerFactory loggers, ReadOnlyMemory<byte> automaticSecret = default)
    {
        var keyring = new Keyring { AdmitsClients = true };
        if (!automaticSecret.IsEmpty) keyring.UseAutomatic(automaticSecret.Span);
        var options = MasterOptions.From(conf);
        var env = envs.Create(new RpcEnvOptions(Master.EnvName, conf, DeployMessages.Register(new MessageRegistry()))
        {
            BindHost = host,
            Port = port,
            Roles = [ClusterRoles.Master],
            Keyring = keyring,

            // Workers and drivers connect to their master, and ignore messages over connections that they did not dial.
            Dials = false,
            LoggerFactory = loggers,
        });
        env.SetupEndpoint(Master.EndpointName, new Master(options));
        return new MasterNode(env);
    }

    /// <summary>Stops the master; a handler that hangs is abandoned after half of <c>spark.deploy.shutdownTimeout</c>.</summary>
    public async ValueTask DisposeAsync() => await _env.ShutdownAsync(_env.Conf.Get(DeployKeys.ShutdownTimeout) / 2).ConfigureAwait(false);
}
