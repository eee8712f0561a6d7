using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Deploy.Worker;

/// <summary>A worker in its own env, as run by <c>sparkish worker</c> and by a local cluster.</summary>
internal sealed class WorkerNode : IAsyncDisposable
{
    private readonly RpcEnv _env;
    private readonly IExecutorLauncher _launcher;
    private readonly IDriverLauncher? _drivers;
    private readonly RpcEndpointRef _worker;

    private WorkerNode(RpcEnv env, RpcEndpointRef worker, IExecutorLauncher launcher, IDriverLauncher? drivers, Task<string> gaveUp, Task decommissioned)
    {
        _worker = worker;
        _env = env;
        _launcher = launcher;
        _drivers = drivers;
        GaveUp = gaveUp;
        Decommissioned = decommissioned;
    }

    /// <summary>The env of the worker's endpoints.</summary>
    public RpcEnv Env => _env;

    /// <summary>The address of the worker for masters and executors.</summary>
    public RpcAddress Address => _env.Address;

    /// <summary>Completes with a reason when the worker cannot continue.</summary>
    public Task<string> GaveUp { get; }

    /// <summary>Completes when the worker was decommissioned and nothing runs on it any more.</summary>
    public Task Decommissioned { get; }

    /// <summary>Starts a worker, which then registers by itself.</summary>
    /// <exception cref="SparkException">The address cannot be bound.</exception>
    public static WorkerNode Start(
        IRpcEnvFactory envs, SparkConf conf, string host, int port, ILoggerFactory loggers, WorkerOptions options, IExecutorLauncher launcher,
            ReadOnlyMemory<byte> automaticSecret = default, Func<RpcEnv, IDriverLauncher>? drivers = null)
    {
        var keyring = new Keyring();
        if (!automaticSecret.IsEmpty) keyring.UseAutomatic(automaticSecret.Span);
        keyring.AddMasters(options.Masters.Select(static address => address.ToString()));
        var env = envs.Create(new RpcEnvOptions(Worker.EnvName, conf, DeployMessages.Register(new MessageRegistry()))
        {
            BindHost = host,
            Port = port,
            Roles = [ClusterRoles.Worker],
            Keyring = keyring,
            LoggerFactory = loggers,
        });
        var gaveUp = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var driverLauncher = drivers?.Invoke(env);
        var decommissioned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var worker = new Worker(options, launcher, keyring, reason => gaveUp.TrySetResult(reason), driverLauncher)
        {
            OnDecommissioned = () => decommissioned.TrySetResult(),
        };
        return new WorkerNode(env, env.SetupEndpoint(Worker.EndpointName, worker), launcher, driverLauncher, gaveUp.Task, decommissioned.Task);
    }

    /// <summary>Asks the worker to take no new work, and to leave the cluster once its executors and drivers have ended. May be called twice.</summary>
    public void Decommission() => _worker.Send(new Worker.DecommissionRequested());

    /// <summary>
    /// Leaves the cluster first, so that the master sends nothing more, then stops the executors and waits for them. A handler that hangs is abandoned after
    /// half of <c>spark.deploy.shutdownTimeout</c>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _env.ShutdownAsync(_env.Conf.Get(DeployKeys.ShutdownTimeout) / 2).ConfigureAwait(false);
        if (_drivers is not null) await _drivers.DisposeAsync().ConfigureAwait(false);
        await _launcher.DisposeAsync().ConfigureAwait(false);
    }
}
