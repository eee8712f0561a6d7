using System.Collections.Immutable;
using System.Diagnostics;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>
/// A master's state of its cluster: an immutable value that only <see cref="Apply"/> changes, so that the same events in the same order always give the same
/// state.
/// </summary>
internal sealed partial record MasterState
{
    public static readonly MasterState Empty = new();

    public MasterStatus Status { get; private init; } = MasterStatus.Standby;

    /// <summary>Identifies the journal; 0 before its first event.</summary>
    public long Journal { get; private init; }

    /// <summary>The leader that wrote the last <see cref="LeaderElected"/>.</summary>
    public long Leader { get; private init; }

    public ImmutableDictionary<WorkerId, WorkerInfo> Workers { get; private init; } = ImmutableDictionary<WorkerId, WorkerInfo>.Empty;

    public ImmutableDictionary<ApplicationId, ApplicationInfo> Applications { get; private init; } = ImmutableDictionary<ApplicationId, ApplicationInfo>.Empty;

    public ImmutableDictionary<DriverId, DriverInfo> Drivers { get; private init; } = ImmutableDictionary<DriverId, DriverInfo>.Empty;

    /// <summary>The workers that were removed lately, by host and port.</summary>
    public ImmutableDictionary<string, DeadWorker> DeadWorkers { get; private init; } = ImmutableDictionary<string, DeadWorker>.Empty;

    /// <summary>The last applications that are over, oldest first.</summary>
    public ImmutableList<CompletedApplication> CompletedApplications { get; private init; } = [];

    /// <summary>The last drivers that are over, oldest first.</summary>
    public ImmutableList<CompletedDriver> CompletedDrivers { get; private init; } = [];

    /// <summary>The number of the next application.</summary>
    public int NextApplication { get; private init; }

    /// <summary>The number of the next driver.</summary>
    public int NextDriver { get; private init; }

    /// <summary>The characters of all descriptions, which a snapshot must hold.</summary>
    public long DescriptionChars { get; private init; }

    public IEnumerable<ApplicationInfo> ApplicationsInOrder => Applications.Values.OrderBy(app => app.Number);

    /// <summary>Drivers without a worker, in the order of their submission.</summary>
    public IEnumerable<DriverInfo> WaitingDrivers => Drivers.Values.Where(driver => driver.Worker is null).OrderBy(driver => driver.Number);

    /// <summary>Whether a worker or an application has not answered the new leader yet.</summary>
    public bool HasUnknown => Unknown > 0;

    // Derived from the properties above, and not stored. The first event of each leader computes them again.
    [field: NonSerialized]
    private int Unknown { get; init; }

    [field: NonSerialized]
    private ImmutableDictionary<RpcAddress, WorkerId> WorkersAt { get; init; } = ImmutableDictionary<RpcAddress, WorkerId>.Empty;

    [field: NonSerialized]
    private ImmutableDictionary<RpcAddress, ApplicationId> ApplicationsAt { get; init; } = ImmutableDictionary<RpcAddress, ApplicationId>.Empty;

    public WorkerInfo? WorkerAt(RpcAddress address) => WorkersAt.TryGetValue(address, out var id) ? Workers[id] : null;

    public ApplicationInfo? ApplicationAt(RpcAddress address) => ApplicationsAt.TryGetValue(address, out var id) ? Applications[id] : null;

    public ExecutorInfo? FindExecutor(ExecutorKey key) => Applications.GetValueOrDefault(key.App)?.Executors.GetValueOrDefault(key.Number);

    /// <summary>The state after an event.</summary>
    /// <exception cref="InvalidOperationException">The event cannot happen in this state.</exception>
    public MasterState Apply(MasterEvent happened)
    {
        var next = happened switch
        {
            LeaderElected e => After(e),
            RecoveryCompleted => this with { Status = MasterStatus.Alive },
            WorkerAdded e => After(e),
            WorkerRecovered e => After(e),
            WorkerLost e => After(e),
            WorkerDecommissioned e => After(e),
            DeadWorkersForgotten e => this with
            {
                DeadWorkers = DeadWorkers.RemoveRange(DeadWorkers.Where(dead => e.Workers.Contains(dead.Value.Id)).Select(dead => dead.Key)),
            },
            ApplicationAdded e => After(e),
            ApplicationRecovered e => After(e),
            ApplicationEnded e => After(e),
            ExecutorLimitChanged e => With(Find(e.App, e) with { ExecutorLimit = e.Limit }),
            ExecutorLaunched e => After(e),
            ExecutorChanged e => After(e),
            ExecutorReleased e => FindExecutor(e.Executor) is null ? throw Impossible(e) : With(Applications[e.Executor.App].Without(e.Executor.Number)),
            DriverSubmitted e => After(e),
            DriverLaunched e => After(e),
            DriverKillRequested e => this with { Drivers = Drivers.SetItem(e.Driver, Find(e.Driver, e) with { IsKillRequested = true }) },
            DriverEnded e => After(e),
            DriverRelaunched e => After(e),
            DriverGone e => With(Find(e.Worker, e).Release(e.Driver)),
            HistoryForgotten e => this with
            {
                CompletedApplications = CompletedApplications.RemoveRange(0, Math.Min(e.Applications, CompletedApplications.Count)),
                CompletedDrivers = CompletedDrivers.RemoveRange(0, Math.Min(e.Drivers, CompletedDrivers.Count)),
            },
            _ => throw Impossible(happened),
        };
        Debug.Assert(next.Workers.Values.All(worker => worker is { CoresFree: >= 0, MemoryFreeMiB: >= 0 }), "A worker is overbooked.");
        return next;
    }

    private MasterState After(LeaderElected e)
    {
        var workers = Workers.ToBuilder();
        foreach (var worker in Workers.Values) workers[worker.Id] = worker with { State = WorkerState.Unknown };
        var apps = Applications.ToBuilder();
        foreach (var app in Applications.Values) apps[app.Id] = app with { State = ApplicationState.Unknown };
        return this with
        {
            Leader = e.Leader,
            Journal = Journal == 0 ? e.Journal : Journal,
            Workers = workers.ToImmutable(),
            Applications = apps.ToImmutable(),
            Unknown = workers.Count + apps.Count,
            WorkersAt = Workers.Values.ToImmutableDictionary(static worker => worker.Ref.Address, static worker => worker.Id),
            ApplicationsAt = ImmutableDictionary<RpcAddress, ApplicationId>.Empty.SetItems(
                ApplicationsInOrder.Select(static app => KeyValuePair.Create(app.Client.Address, app.Id))), // the latest at an address counts
            Status = workers.Count + apps.Count == 0 ? MasterStatus.Alive : MasterStatus.Recovering,
        };
    }

    private MasterState After(WorkerAdded e)
    {
        if (Workers.ContainsKey(e.Worker) || DeployRules.OfWorker(e.Worker) is not null) throw Impossible(e);
        var worker = WorkerInfo.Of(e) ?? throw Impossible(e);
        return With(worker) with { WorkersAt = WorkersAt.SetItem(worker.Ref.Address, worker.Id), DeadWorkers = DeadWorkers.Remove(DeadWorker.KeyOf(worker)) };
    }

    private MasterState After(WorkerRecovered e)
    {
        var worker = Find(e.Worker, e);
        var recovered = With(worker with { State = worker.IsDecommissioned ? WorkerState.Decommissioned : WorkerState.Alive });
        return worker.State == WorkerState.Unknown ? recovered with { Unknown = Unknown - 1 } : recovered;
    }

    private MasterState After(WorkerLost e)
    {
        var worker = Find(e.Worker, e);
        var apps = Applications;
        foreach (var key in worker.Executors.Keys)
        {
            if (apps.TryGetValue(key.App, out var app) && app.Executors.ContainsKey(key.Number)) apps = apps.SetItem(key.App, app.Without(key.Number));
        }

        foreach (var app in apps.Values.Where(app => app.Failures.ContainsKey(e.Worker)))
            apps = apps.SetItem(app.Id, app with { Failures = app.Failures.Remove(e.Worker) });

        return this with
        {
            Workers = Workers.Remove(e.Worker),
            WorkersAt = WorkersAt.Remove(worker.Ref.Address),
            Unknown = worker.State == WorkerState.Unknown ? Unknown - 1 : Unknown,
            Applications = apps,
            DeadWorkers = DeadWorker.After(DeadWorkers, worker, e.At),
        };
    }

    private MasterState After(WorkerDecommissioned e)
    {
        var worker = Find(e.Worker, e);
        var apps = Applications;
        foreach (var key in worker.Executors.Keys)
        {
            if (apps.TryGetValue(key.App, out var app) && app.Executors.ContainsKey(key.Number)) apps = apps.SetItem(key.App, app.Without(key.Number));
        }

        var state = worker.State == WorkerState.Unknown ? WorkerState.Unknown : WorkerState.Decommissioned;
        return this with { Applications = apps, Workers = Workers.SetItem(worker.Id, worker with { IsDecommissioned = true, State = state }) };
    }

    private MasterState With(WorkerInfo worker) => this with { Workers = Workers.SetItem(worker.Id, worker) };

    private MasterState With(ApplicationInfo app) => this with { Applications = Applications.SetItem(app.Id, app) };

    private WorkerInfo Find(WorkerId worker, MasterEvent happened) => Workers.GetValueOrDefault(worker) ?? throw Impossible(happened);

    private ApplicationInfo Find(ApplicationId app, MasterEvent happened) => Applications.GetValueOrDefault(app) ?? throw Impossible(happened);

    private DriverInfo Find(DriverId driver, MasterEvent happened) => Drivers.GetValueOrDefault(driver) ?? throw Impossible(happened);

    private static InvalidOperationException Impossible(MasterEvent happened) => new($"{happened} cannot happen in this state of the master.");
}
