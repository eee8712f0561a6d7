using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Deploy.Master;
using Sparkish.Deploy.Worker;
using Sparkish.Deploy.Worker.Resources;
using Sparkish.Rpc;
using Sparkish.Security;

namespace Sparkish.Deploy.LocalCluster;

/// <summary>A whole cluster in this process, for tests and first steps: a master, workers and executors in separate envs, over real sockets.</summary>
internal sealed class LocalSparkCluster : IAsyncDisposable
{
    private const string Host = "127.0.0.1";

    private readonly ScratchDirectory _work;
    private readonly Stack<IAsyncDisposable> _nodes = [];
    private MasterNode? _master;

    private LocalSparkCluster(string parentDirectory)
    {
        PrivateFiles.CreateDirectory(parentDirectory);
        _work = ScratchDirectory.Create(parentDirectory, "sparkish-local-cluster-");
    }

    /// <summary>The address of the master for applications.</summary>
    public RpcAddress MasterAddress => _master!.Address;

    /// <summary>Starts a cluster; its workers register asynchronously.</summary>
    /// <exception cref="SparkException">No port was available, or a setting is invalid.</exception>
    /// <param name="size">The size of the cluster.</param>
    /// <param name="conf">The settings of all nodes.</param>
    /// <param name="loggers">Creates their loggers.</param>
    /// <param name="secret">The secret of its nodes if the settings give none: it keeps other users of the machine out.</param>
    public static async Task<LocalSparkCluster> StartAsync(
        LocalClusterUrl size, SparkConf conf, ILoggerFactory loggers, ReadOnlyMemory<byte> secret = default)
    {
        var cluster = new LocalSparkCluster(LocalDirectory.From(conf));
        try
        {
            var resources = await WorkerResources.FindAsync(conf, TimeProvider.System).ConfigureAwait(false);
            cluster.StartNodes(size, conf, loggers, secret, resources);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops workers with their executors, then the master, and deletes all files. Calling it twice is harmless.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_nodes.TryPop(out var node)) await node.DisposeAsync().ConfigureAwait(false);
        _work.Dispose();
    }

    private void StartNodes(LocalClusterUrl size, SparkConf conf, ILoggerFactory loggers, ReadOnlyMemory<byte> secret, ResourceInformation[]? resources)
    {
        var envs = RpcEnvFactories.From(conf);
        _nodes.Push(_master = MasterNode.Start(envs, conf, Host, port: 0, loggers, secret));
        for (var i = 0; i < size.Workers; i++)
        {
            var options = WorkerOptions.From(conf, [MasterAddress], size.CoresPerWorker, size.MemoryPerWorkerMiB, jitter: 0.5) with { Resources = resources };
            var launcher = new InProcessExecutorLauncher(_work.Path, loggers)
            {
                Credentials = SecurityKeys.Passwords(conf, Environment.GetEnvironmentVariable),
                Encrypts = SecurityManager.HasSecretIn(conf),
            };
            _nodes.Push(WorkerNode.Start(envs, conf, Host, port: 0, loggers, options, launcher, secret));
        }
    }
}
