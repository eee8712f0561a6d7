using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Logs;
using Sparkish.Deploy.Recovery;
using Sparkish.Deploy.Uploads;
using Sparkish.Persistence;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Deploy.Master;

/// <summary>A master in its own env, as run by <c>sparkish master</c> and by a local cluster.</summary>
internal sealed class MasterNode : IAsyncDisposable
{
    private readonly RpcEnv _env;
    private readonly RecoveryMode _recovery;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MasterNode(RpcEnv env, RecoveryMode recovery) => (_env, _recovery) = (env, recovery);

    /// <summary>The env of the master's endpoints.</summary>
    public RpcEnv Env => _env;

    /// <summary>The address of the master for workers and applications.</summary>
    public RpcAddress Address => _env.Address;

    /// <summary>Completes with a reason when this master cannot lead any more: its process must exit.</summary>
    public Task<string> LeadershipLost => _lost.Task;

    /// <summary>Starts a master, as leader or as standby.</summary>
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
        var uploads = UploadOptions.From(conf);
        var recovery = RecoveryMode.From(conf, TimeProvider.System, loggers);
        var env = envs.Create(EnvOptions(conf, loggers) with { BindHost = host, Port = port, Keyring = keyring });
        var node = new MasterNode(env, recovery);
        env.SetupEndpoint(UploadServer.EndpointName, new UploadServer(uploads, Master.EndpointName));
        env.SetupEndpoint(LogRelay.EndpointName, new LogRelay(Master.EndpointName));
        MasterCandidate.Start(env, options, recovery, node.Campaign(), reason => node._lost.TrySetResult(reason));
        return node;
    }

    /// <summary>The options of a master's env.</summary>
    public static RpcEnvOptions EnvOptions(SparkConf conf, ILoggerFactory loggers) => new(Master.EnvName, conf, DeployMessages.Register(new MessageRegistry()))
    {
        Roles = [ClusterRoles.Master],

        // Workers and drivers connect to their masters, and ignore messages over connections that they did not dial.
        Dials = false,
        LoggerFactory = loggers,
    };

    /// <summary>
    /// Stops the master, then resigns, so that another one may lead at once. A handler that hangs is abandoned after half of
    /// <c>spark.deploy.shutdownTimeout</c>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _env.ShutdownAsync(_env.Conf.Get(DeployKeys.ShutdownTimeout) / 2).ConfigureAwait(false);
        await _recovery.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private Task<ILeaderTerm> Campaign() => _recovery.Election.CampaignAsync(_env.Address.ToString(), _stop.Token);
}
