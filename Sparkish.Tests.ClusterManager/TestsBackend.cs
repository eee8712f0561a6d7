using System.Collections.Concurrent;
using System.Globalization;
using Sparkish.Backend;
using Sparkish.Executor;

namespace Sparkish.Tests.ClusterManager;

/// <summary>The cluster of one application.</summary>
// <snippet backend>
public sealed class TestsBackend(SchedulerBackendContext context, int executors) : CoarseGrainedSchedulerBackend(context)
{
    private readonly ConcurrentDictionary<string, RunningExecutor> _running = new(StringComparer.Ordinal);
    private int _started;

    /// <inheritdoc/>
    public override string ApplicationId { get; } = $"tests-{Guid.NewGuid():N}";

    /// <summary>The directory of all executors.</summary>
    public string Directory => Path.Combine(Path.GetTempPath(), ApplicationId);

    // Every executor is announced, so the driver refuses all others.
    /// <inheritdoc/>
    protected override bool KnowsExecutors => true;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < executors; i++) StartExecutor();
        TestsClusters.Add(this);
    }

    /// <inheritdoc/>
    public override async Task StopAsync()
    {
        await base.StopAsync().ConfigureAwait(false);
        TestsClusters.Remove(this);
        foreach (var id in _running.Keys) await EndExecutorAsync(id).ConfigureAwait(false);
        if (System.IO.Directory.Exists(Directory)) System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>Starts one more executor; returns its id.</summary>
    public string StartExecutor()
    {
        var id = Interlocked.Increment(ref _started).ToString(CultureInfo.InvariantCulture);
        ExpectExecutor(id);
        var arguments = new ExecutorArguments(DriverUrl, id, Context.Env.Address.Host, Cores: 1, ApplicationId, WorkerUrl: null, Path.Combine(Directory, id))
        {
            AssemblyCacheDirectory = Path.Combine(Directory, "assemblies"),
            Settings = ConnectionSettings(),
            InDriverProcess = true, // another process would fetch the application's assemblies from the driver
        };
        System.IO.Directory.CreateDirectory(arguments.WorkDirectory);
        var stop = new CancellationTokenSource();
        _running[id] = new RunningExecutor(ExecutorNode.RunAsync(arguments, Context.LoggerFactory, stop.Token), stop);
        return id;
    }

    /// <summary>Takes an executor away, as a cluster does that has lost a machine. Its tasks run again elsewhere.</summary>
    public async Task EndExecutorAsync(string id)
    {
        if (!_running.TryRemove(id, out var executor)) return;
        await executor.Stop.CancelAsync().ConfigureAwait(false);
        var status = await executor.Run.ConfigureAwait(false);
        executor.Stop.Dispose();
        RemoveExecutor(id, string.Create(CultureInfo.InvariantCulture, $"it was ended with status {status}"), exitCausedByApp: false);
    }

    // An executor gets all other settings from its driver.
    private Dictionary<string, string> ConnectionSettings() => Context.Conf.Settings
        .Where(static setting => setting.Key.StartsWith("spark.rpc.", StringComparison.Ordinal) || setting.Key.StartsWith("spark.network.", StringComparison.Ordinal))
        .ToDictionary(StringComparer.Ordinal);

    private sealed record RunningExecutor(Task<int> Run, CancellationTokenSource Stop);
}
// </snippet>
