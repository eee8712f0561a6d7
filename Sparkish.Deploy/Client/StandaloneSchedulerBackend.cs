using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkish.Backend;
using Sparkish.Configuration;
using Sparkish.Executor;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Client;

/// <summary>Runs an application on a standalone cluster: registers it with the masters, which start executors for it.</summary>
internal class StandaloneSchedulerBackend : CoarseGrainedSchedulerBackend, IClientListener
{
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<IReadOnlyList<RpcAddress>> _masters;
    private readonly ILogger _log;
    private RpcEndpointRef? _client;
    private volatile string? _applicationId;
    private int _stopping;

    public StandaloneSchedulerBackend(SchedulerBackendContext context, IReadOnlyList<RpcAddress> masters) : this(context, () => masters) { }

    /// <summary>Creates a backend whose masters are known once it starts.</summary>
    protected StandaloneSchedulerBackend(SchedulerBackendContext context, Func<IReadOnlyList<RpcAddress>> masters) : base(context)
    {
        _masters = masters;
        _log = context.LoggerFactory.CreateLogger<StandaloneSchedulerBackend>();
    }

    /// <inheritdoc/>
    public override string ApplicationId =>
        _applicationId ?? throw new InvalidOperationException("The application has no id before the cluster has accepted it.");

    private bool IsStopping => Volatile.Read(ref _stopping) != 0;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
        var client = new ClientEndpoint(ClientOptions.From(Context.Conf, _masters()), Describe(Context.Conf, DriverUrl), this);
        _client = Context.Env.SetupEndpoint(ClientEndpoint.EndpointName, client);
        await _registered.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0) return;
        await base.StopAsync().ConfigureAwait(false);
        if (_client is null) return;

        try
        {
            await _client.AskAsync<bool>(new StopAppClient()).ConfigureAwait(false);
        }
        catch (SparkException error)
        {
            _log.NotUnregistered(error.Message);
        }
    }

    /// <inheritdoc/>
    protected override bool KnowsExecutors => true;

    void IClientListener.Connected(ApplicationId app, ApplicationSecret secret, RpcAddress master)
    {
        Context.Keyring.Join(app.Value, secret.Value, _masters().Append(master).Select(static address => address.ToString()));
        _applicationId = app.Value;
        _registered.TrySetResult();
    }

    void IClientListener.Dead(string reason)
    {
        if (_registered.TrySetException(new SparkException(reason)) || IsStopping) return;
        Context.FailAllJobs(reason);
    }

    void IClientListener.MasterLost(RpcAddress master)
    {
        if (!IsStopping) EndWithLastExecutor($"no executor is left, and master {master}, which could start others, was lost; restart the application");
    }

    void IClientListener.MasterFound(RpcAddress master)
    {
        Context.Keyring.AddMasters([master.ToString()]);
        if (!IsStopping) ContinueAfterLastExecutor();
    }

    void IClientListener.ExecutorAdded(int executor) => ExpectExecutor(executor.ToString(CultureInfo.InvariantCulture));

    void IClientListener.ExecutorDecommissioned(int executor, string message)
    {
        if (!IsStopping) DecommissionExecutor(executor.ToString(CultureInfo.InvariantCulture), message);
    }

    void IClientListener.ExecutorEnded(int executor, string message, int? exitStatus, string? workerHost)
    {
        if (IsStopping) return;
        RemoveExecutor(executor.ToString(CultureInfo.InvariantCulture), message, ExecutorExit.CausedByApp(exitStatus, workerHost));
    }

    /// <summary>Builds the application's request to the cluster from its settings.</summary>
    /// <exception cref="SparkException">A setting is wrong.</exception>
    internal static ApplicationDescription Describe(SparkConf conf, string driverUrl)
    {
        var memoryMiB = conf.Get(DeployKeys.ExecutorMemory) >> 20;
        if (memoryMiB > int.MaxValue)
        {
            throw new SparkException(
                $"{DeployKeys.ExecutorMemory.Key} is '{conf.Get(DeployKeys.ExecutorMemory.Key)}' but must be less than 2 PiB: give a size such as '1g'.");
        }

        // An executor's default number of cores is not used here: without a number, an executor takes all free cores of its worker.
        int? coresEach = conf.Contains(DeployKeys.ExecutorCores.Key) ? conf.Get(DeployKeys.ExecutorCores) : null;
        int? maxCores = conf.Contains(DeployKeys.MaxCores.Key) ? conf.Get(DeployKeys.MaxCores) : null;
        if (coresEach > maxCores)
        {
            throw new SparkException(string.Create(CultureInfo.InvariantCulture,
                $"{DeployKeys.ExecutorCores.Key} is {coresEach} but {DeployKeys.MaxCores.Key} is {maxCores}, so no executor could start: raise the latter."));
        }

        var resources = ResourceAmounts.Of(conf, ResourceAmounts.OfExecutor, "discoveryScript", "vendor"); // these are for other clusters
        SlotResources.ThrowIfTooFew(resources.Select(static resource => (resource.Name, resource.Amount)), conf, coresEach);
        var description = new ApplicationDescription(conf.Get(CoreKeys.AppName), Environment.UserName, driverUrl, maxCores, coresEach, (int)memoryMiB,
            StartupSettings.OfApplication(conf))
        {
            Resources = resources.Count == 0 ? null : [.. resources],
        };
        return DeployRules.OfDescription(description) is { } problem
            ? throw new SparkException($"A cluster would refuse this application: its {problem}. Change the setting behind it.")
            : description;
    }
}
