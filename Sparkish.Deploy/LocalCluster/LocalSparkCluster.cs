using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Deploy.Master;
using Sparkish.Deploy.Worker;
using Sparkish.Rpc;

namespace Sparkish.Deploy.LocalCluster;

/// <summary>A whole cluster in this process, for tests and first steps: a master, workers and executors in envs of their own, over real sockets.</summary>
internal sealed class LocalSparkCluster : IAsyncDisposable
{
    private const string Host = "127.0.0.1";

    private readonly string _workDirectory;
    private readonly Stack<IAsyncDisposable> _nodes = [];
    private MasterNode? _master;

    private LocalSparkCluster(string parentDirectory)
    {
        _workDirectory = Path.Combine(parentDirectory, $"sparkish-local-cluster-{Guid.NewGuid():N}");
        Directory.CreateDirectory(_workDirectory);
    }

    /// <summary>Where applications reach the master.</summary>
    public RpcAddress MasterAddress => _master!.Address;

    /// <summary>Starts a cluster; its workers register while the caller goes on.</summary>
    /// <exception cref="SparkException">No port could be had, or a setting is wrong.</exception>
    public static async Task<LocalSparkCluster> StartAsync(LocalClusterUrl size, SparkConf conf, ILoggerFactory loggers)
    {
        var cluster = new LocalSparkCluster(LocalDirectory.From(conf));
        try
        {
            cluster.StartNodes(size, conf, loggers);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends workers with their executors, then the master, and removes all files. Twice is harmless.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_nodes.TryPop(out var node)) await node.DisposeAsync().ConfigureAwait(false);
        if (Directory.Exists(_workDirectory)) Directory.Delete(_workDirectory, recursive: true);
    }

    private void StartNodes(LocalClusterUrl size, SparkConf conf, ILoggerFactory loggers)
    {
        var envs = RpcEnvFactories.From(conf);
        _nodes.Push(_master = MasterNode.Start(envs, conf, Host, port: 0, loggers));
        for (var i = 0; i < size.Workers; i++)
        {
            var options = WorkerOptions.From(conf, [MasterAddress], size.CoresPerWorker, size.MemoryPerWorkerMiB, jitter: 0.5);
            var launcher = new InProcessExecutorLauncher(_workDirectory, loggers) { Credentials = SecurityKeys.Credentials(conf) };
            _nodes.Push(WorkerNode.Start(envs, conf, Host, port: 0, loggers, options, launcher));
        }
    }
}
