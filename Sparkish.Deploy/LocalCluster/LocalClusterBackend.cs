using System.Globalization;
using Sparkish.Backend;
using Sparkish.Deploy.Client;
using Sparkish.Rpc;
using Sparkish.Security;

namespace Sparkish.Deploy.LocalCluster;

/// <summary>The backend of an application with its own cluster: starts the cluster, runs on it, and stops it.</summary>
internal sealed class LocalClusterBackend : StandaloneSchedulerBackend
{
    private readonly LocalClusterUrl _size;
    private readonly Holder _cluster;

    public LocalClusterBackend(SchedulerBackendContext context, LocalClusterUrl size) : this(context, size, new Holder()) { }

    private LocalClusterBackend(SchedulerBackendContext context, LocalClusterUrl size, Holder cluster) : base(context, () => cluster.Masters)
    {
        _size = size;
        _cluster = cluster;
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var neededMiB = Describe(Context.Conf, driverUrl: "").MemoryPerExecutorMiB;
        if (neededMiB > _size.MemoryPerWorkerMiB)
        {
            throw new SparkException(string.Create(CultureInfo.InvariantCulture,
                $"Asked to launch a cluster with {_size.MemoryPerWorkerMiB} MiB per worker but {DeployKeys.ExecutorMemory.Key} is {neededMiB} MiB: raise the former or lower the latter."));
        }

        var secret = SharedSecret.NewBytes();
        Context.Keyring.UseAutomatic(secret);
        _cluster.Cluster = await LocalSparkCluster.StartAsync(_size, Context.Conf, Context.LoggerFactory, secret).ConfigureAwait(false);
        try
        {
            await base.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync()
    {
        await base.StopAsync().ConfigureAwait(false);
        if (_cluster.Cluster is { } cluster) await cluster.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The addresses of the masters that this class starts, for the base class.</summary>
    private sealed class Holder
    {
        public LocalSparkCluster? Cluster { get; set; }

        public IReadOnlyList<RpcAddress> Masters => [(Cluster ?? throw new InvalidOperationException("The local cluster is not started.")).MasterAddress];
    }
}
