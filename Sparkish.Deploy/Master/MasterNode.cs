using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Deploy.Master;

/// <summary>A master in an env of its own: what <c>sparkish master</c> runs, and a local cluster.</summary>
internal sealed class MasterNode : IAsyncDisposable
{
    private readonly RpcEnv _env;

    private MasterNode(RpcEnv env) => _env = env;

    /// <summary>Where workers and applications reach the master.</summary>
    public RpcAddress Address => _env.Address;

    /// <summary>Starts a master.</summary>
    /// <exception cref="SparkException">A setting is wrong, or the address cannot be bound.</exception>
    /// <param name="envs">Makes its env.</param>
    /// <param name="conf">Its settings.</param>
    /// <param name="host">The address that it binds to.</param>
    /// <param name="port">The port; 0 lets the system choose.</param>
    /// <param name="loggers">Makes its loggers.</param>
    /// <param name="automaticSecret">The cluster's secret where the settings give none.</param>
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

            // Workers and drivers connect to their master; what comes over a connection that they did not dial is not from it.
            Dials = false,
            LoggerFactory = loggers,
        });
        env.SetupEndpoint(Master.EndpointName, new Master(options));
        return new MasterNode(env);
    }

    /// <summary>Ends the master; a handler that hangs is abandoned after half of <c>spark.deploy.shutdownTimeout</c>.</summary>
    public async ValueTask DisposeAsync() => await _env.ShutdownAsync(_env.Conf.Get(DeployKeys.ShutdownTimeout) / 2).ConfigureAwait(false);
}
