using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Deploy.Logs;
using Sparkish.Deploy.Uploads;
using Sparkish.Deploy.Worker;
using Sparkish.Deploy.Worker.Drivers;
using Sparkish.Deploy.Worker.Output;
using Sparkish.Deploy.Worker.Processes;
using Sparkish.Deploy.Worker.Resources;
using Sparkish.Deploy.Worker.Storage;
using Sparkish.Rpc;
using Sparkish.Security;

namespace Sparkish.Deploy.Hosting;

/// <summary>A worker that runs executors and drivers as processes, as <c>sparkish worker</c> and the generic host run it.</summary>
internal sealed class WorkerDaemon : IAsyncDisposable
{
    private readonly WorkerNode _node;
    private readonly IDisposable? _decommission;

    private WorkerDaemon(WorkerNode node, IDisposable? decommission) => (_node, _decommission) = (node, decommission);

    /// <summary>The address of the worker.</summary>
    public RpcAddress Address => _node.Address;

    /// <summary>Completes with a reason when the worker cannot continue.</summary>
    public Task<string> GaveUp => _node.GaveUp;

    /// <summary>Completes when the worker was decommissioned and nothing runs on it any more.</summary>
    public Task Decommissioned => _node.Decommissioned;

    /// <summary>Starts the worker, which then registers by itself.</summary>
    /// <exception cref="SparkException">A setting is wrong, the work directory is unusable, or the address cannot be bound.</exception>
    public static async Task<WorkerDaemon> StartAsync(
        WorkerOptions options, SparkConf conf, string workDirectory, string host, int port, ILoggerFactory loggers)
    {
        WorkDirectories.ThrowIfUnusable(workDirectory);
        options = options with { Resources = await WorkerResources.FindAsync(conf, TimeProvider.System).ConfigureAwait(false) };
        await WorkProcesses.EndOrphansAsync(workDirectory, WorkProcesses.Grace, TimeProvider.System, loggers.CreateLogger(typeof(WorkProcesses)))
            .ConfigureAwait(false);
        var inUse = new DirectoriesInUse();
        var executors = ExecutorHost.Find(conf) with { Affinity = CpuAffinity.From(conf, options.Cores) };
        var launcher = new ProcessExecutorLauncher(executors, workDirectory, TimeProvider.System, loggers)
        {
            InUse = inUse,
            Credentials = SecurityKeys.Passwords(conf, Environment.GetEnvironmentVariable),
            Encrypts = SecurityManager.HasSecretIn(conf),
            Output = OutputOptions.From(conf),
        };
        var envs = RpcEnvFactories.From(conf);
        var program = ExecutorHost.Find(conf, ExecutorHost.DriverCommand);
        var node = WorkerNode.Start(envs, conf, host, port, loggers, options, launcher,
            drivers: env => new ProcessDriverLauncher(HostOf(env, program, options.Masters), workDirectory, TimeProvider.System, loggers) { InUse = inUse });
        try
        {
            node.Env.SetupEndpoint(LogServer.EndpointName, new LogServer(new LogFiles(Path.GetFullPath(workDirectory)), options.Masters));
            launcher.StartCleaning(CleanupOptions.From(conf));
            UnknownKeys.Warn(conf, envs, loggers);
            return new WorkerDaemon(node, DecommissionSignal.Listen(conf, node.Decommission));
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether a master has registered the worker.</summary>
    /// <exception cref="SparkException">The worker does not answer.</exception>
    public async Task<bool> IsRegisteredAsync(CancellationToken cancellationToken)
    {
        var address = new RpcEndpointAddress(Address, Worker.Worker.EndpointName);
        var worker = await _node.Env.SetupEndpointRefAsync(address, cancellationToken).ConfigureAwait(false);
        return await worker.AskAsync<bool>(new Worker.Worker.RequestIsRegistered(), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves the cluster, and stops what runs.</summary>
    public async ValueTask DisposeAsync()
    {
        _decommission?.Dispose();
        await _node.DisposeAsync().ConfigureAwait(false);
    }

    private static DriverHost HostOf(RpcEnv env, ExecutorHost program, IReadOnlyList<RpcAddress> masters) => new(
        program, env.Conf, (hash, archive, cancellationToken) => UploadClient.FetchAsync(env, masters, hash, archive, cancellationToken))
    {
        Credentials = () => DriverCredentials.Of(env.Conf, Environment.GetEnvironmentVariable),
    };
}
