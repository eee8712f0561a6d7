#pragma warning disable MA0048 // the parts of one state belong together
using System.Collections.Immutable;
using System.Globalization;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>The env that registered a worker or an application: the only one whose messages about it count, for later leaders too.</summary>
internal sealed record RegisteredEnv(RpcAddress Address, long Incarnation, string Realm)
{
    /// <summary>The env of a sender; null if the message came from the master's own env.</summary>
    public static RegisteredEnv? Of(RpcPeer? peer) => peer is null ? null : new RegisteredEnv(peer.Address, peer.Incarnation, peer.Realm);

    public bool Is(RpcPeer peer) =>
        peer.Address == Address && peer.Incarnation == Incarnation && string.Equals(peer.Realm, Realm, StringComparison.Ordinal);
}

/// <summary>A worker as the master sees it.</summary>
internal sealed record WorkerInfo(WorkerId Id, RpcEndpointRef Ref, string Host, int Port, int Cores, int MemoryMiB)
{
    /// <summary>The env that registered it; null if it is the master's own.</summary>
    public RegisteredEnv? Peer { get; init; }

    public WorkerState State { get; init; } = WorkerState.Alive;

    /// <summary>Whether it gets no new work, also under later leaders.</summary>
    public bool IsDecommissioned { get; init; }

    public bool RunsDrivers { get; init; }

    public ImmutableDictionary<ExecutorKey, ExecutorResources> Executors { get; init; } = ImmutableDictionary<ExecutorKey, ExecutorResources>.Empty;

    public ImmutableDictionary<DriverId, ExecutorResources> Drivers { get; init; } = ImmutableDictionary<DriverId, ExecutorResources>.Empty;

    public int CoresFree { get; init; } = Cores;

    public int MemoryFreeMiB { get; init; } = MemoryMiB;

    /// <summary>The units of its custom resources that are free; null if it has none.</summary>
    public ResourceInformation[]? ResourcesFree { get; init; }

    /// <summary>A worker that registers; null if it runs more than it offers.</summary>
    public static WorkerInfo? Of(WorkerAdded e)
    {
        var worker = new WorkerInfo(e.Worker, e.Ref, e.Host, e.Port, e.Cores, e.MemoryMiB)
        {
            Peer = e.Peer,
            ResourcesFree = e.Resources,
            RunsDrivers = e.RunsDrivers,
        };
        foreach (var one in e.Executors ?? [])
        {
            var (key, resources) = (new ExecutorKey(one.App, one.Executor), new ExecutorResources(one.Cores, one.MemoryMiB) { Units = one.Resources });
            if (!worker.Fits(resources) || worker.Executors.ContainsKey(key)) return null;
            worker = worker.Take(key, resources);
        }

        foreach (var one in e.Drivers ?? [])
        {
            var resources = new ExecutorResources(one.Cores, one.MemoryMiB) { Units = one.Resources };
            if (!worker.Fits(resources) || worker.Drivers.ContainsKey(one.Driver)) return null;
            worker = worker.Take(one.Driver, resources);
        }

        return worker;
    }

    /// <summary>Whether the resources are free.</summary>
    public bool Fits(ExecutorResources resources) =>
        CoresFree >= resources.Cores && MemoryFreeMiB >= resources.MemoryMiB && ResourceAllotment.Take(ResourcesFree, resources.Units) is not null;

    public WorkerInfo Take(ExecutorKey executor, ExecutorResources resources) => Taking(resources) with { Executors = Executors.Add(executor, resources) };

    public WorkerInfo Take(DriverId driver, ExecutorResources resources) => Taking(resources) with { Drivers = Drivers.Add(driver, resources) };

    public WorkerInfo Release(ExecutorKey executor) =>
        Executors.TryGetValue(executor, out var resources) ? Returning(resources) with { Executors = Executors.Remove(executor) } : this;

    public WorkerInfo Release(DriverId driver) =>
        Drivers.TryGetValue(driver, out var resources) ? Returning(resources) with { Drivers = Drivers.Remove(driver) } : this;

    private WorkerInfo Taking(ExecutorResources resources) => this with
    {
        CoresFree = CoresFree - resources.Cores,
        MemoryFreeMiB = MemoryFreeMiB - resources.MemoryMiB,
        ResourcesFree = resources.Units is null ? ResourcesFree : ResourceAllotment.Take(ResourcesFree, resources.Units),
    };

    private WorkerInfo Returning(ExecutorResources resources) => this with
    {
        CoresFree = CoresFree + resources.Cores,
        MemoryFreeMiB = MemoryFreeMiB + resources.MemoryMiB,
        ResourcesFree = ResourceAllotment.Return(ResourcesFree, resources.Units),
    };
}

/// <summary>A worker that was removed, and is still reported for a while.</summary>
internal sealed record DeadWorker(WorkerId Id, string Host, int Port, int Cores, int MemoryMiB, DateTimeOffset At)
{
    private const int Most = 1_000;

    /// <summary>Another worker with the same host and port takes its place.</summary>
    public static string KeyOf(WorkerInfo worker) => string.Create(CultureInfo.InvariantCulture, $"{worker.Host}:{worker.Port}");

    /// <summary>The dead workers after the loss of one more; those that died first make room.</summary>
    public static ImmutableDictionary<string, DeadWorker> After(ImmutableDictionary<string, DeadWorker> before, WorkerInfo lost, DateTimeOffset at)
    {
        if (before.Count >= Most) before = before.Remove(before.MinBy(static dead => dead.Value.At).Key);
        return before.SetItem(KeyOf(lost), new DeadWorker(lost.Id, lost.Host, lost.Port, lost.Cores, lost.MemoryMiB, at));
    }
}

/// <summary>The resources that an executor or a driver occupies on its worker.</summary>
internal sealed record ExecutorResources(int Cores, int MemoryMiB)
{
    /// <summary>The units of custom resources; null for none.</summary>
    public ResourceInformation[]? Units { get; init; }
}

/// <summary>A driver in cluster mode that is not over.</summary>
/// <param name="Number">Its place in the queue.</param>
internal sealed record DriverInfo(DriverId Id, int Number, DriverDescription Description, DateTimeOffset Submitted)
{
    /// <summary>The realm that its submission client proved; null for the master's own env.</summary>
    public string? Realm { get; init; }

    /// <summary>The worker that was told to run it; null while it waits.</summary>
    public WorkerId? Worker { get; init; }

    /// <summary>Whether it is to end, and is not started again.</summary>
    public bool IsKillRequested { get; init; }

    public DriverState State => Worker is null ? DriverState.Submitted : DriverState.Running;
}

/// <summary>A driver that is over.</summary>
internal sealed record CompletedDriver(DriverId Id, DriverState State, string MainClass, DateTimeOffset Submitted, string? Message)
{
    /// <summary>The worker that ran it; null if none did.</summary>
    public WorkerId? Worker { get; init; }

    /// <summary>The address of that worker.</summary>
    public string? WorkerHostPort { get; init; }

    /// <summary>The realm that its submitter proved; null for the cluster itself.</summary>
    public string? Realm { get; init; }
}

/// <summary>An application that is over.</summary>
internal sealed record CompletedApplication(
    ApplicationId Id, string Name, string User, ApplicationState State, int MemoryPerExecutorMiB, DateTimeOffset Started, DateTimeOffset Ended);

/// <summary>An application that is not over.</summary>
/// <param name="Number">Its place in the queue: applications are served in the order of their registration.</param>
internal sealed record ApplicationInfo(ApplicationId Id, int Number, ApplicationDescription Description, RpcEndpointRef Client)
{
    /// <summary>The env that registered it; null if it is the master's own.</summary>
    public RegisteredEnv? Peer { get; init; }

    public DateTimeOffset Started { get; init; }

    /// <summary>The most executors that it wants; null for as many as it can get.</summary>
    public int? ExecutorLimit { get; init; } = Description.InitialExecutorLimit;

    public ApplicationState State { get; init; } = ApplicationState.Waiting;

    public ImmutableSortedDictionary<int, ExecutorInfo> Executors { get; init; } = ImmutableSortedDictionary<int, ExecutorInfo>.Empty;

    public int CoresGranted { get; init; }

    public int NextExecutor { get; init; }

    /// <summary>Number of consecutive executors that ended without success soon after their start.</summary>
    public int RetryCount { get; init; }

    /// <summary>The workers on which its executors failed soon after their start, since an executor last lasted there.</summary>
    public ImmutableDictionary<WorkerId, WorkerFailures> Failures { get; init; } = ImmutableDictionary<WorkerId, WorkerFailures>.Empty;

    /// <summary>
    /// Whether the application can still make progress: an executor has lasted, or one is launching or running on a worker without failures. A single worker
    /// that cannot run executors must not end an application that other workers serve.
    /// </summary>
    public bool HasHopefulExecutor(DateTimeOffset now) =>
        Executors.Values.Any(executor => executor.IsProven(now) || !Failures.ContainsKey(executor.Worker));

    /// <summary>The workers that get no executor of this application until their pause ends.</summary>
    public IReadOnlySet<WorkerId> WorkersAtRest(DateTimeOffset now) =>
        Failures.Where(failed => failed.Value.RestsAt(now)).Select(failed => failed.Key).ToHashSet();

    public ApplicationInfo Without(int executor) => this with
    {
        CoresGranted = CoresGranted - Executors[executor].Cores,
        Executors = Executors.Remove(executor),
    };
}

/// <summary>The number of failures of one application's executors on one worker, and the time of the next launch there.</summary>
internal sealed record WorkerFailures(int Count, DateTimeOffset RetryAt)
{
    private const int QuickRetries = 10;
    private static readonly TimeSpan QuickPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Whether the pause lasts. One that seems to be longer than any was made by a clock that has been set back, or by another leader's.</summary>
    public bool RestsAt(DateTimeOffset now) => RetryAt > now && RetryAt - now <= LongestPause;

    /// <summary>
    /// Records a further failure. The first pauses are short, so that an application that cannot run anywhere is given up soon. Later pauses, which occur only
    /// if other workers serve the application, grow.
    /// </summary>
    public static WorkerFailures After(WorkerFailures? before, DateTimeOffset now)
    {
        var count = (before?.Count ?? 0) + 1;
        var pause = QuickPause * Math.Pow(2, Math.Clamp(count - QuickRetries, 0, 10));
        return new WorkerFailures(count, now + (pause < LongestPause ? pause : LongestPause));
    }
}

/// <summary>An executor of an application that is not over.</summary>
internal sealed record ExecutorInfo(int Number, WorkerId Worker, int Cores, int MemoryMiB, ExecutorState State)
{
    /// <summary>A started process proves nothing: one whose heap is too small, or whose driver is unreachable, ends within moments, again and again.</summary>
    private static readonly TimeSpan ProvenAfter = TimeSpan.FromSeconds(10);

    /// <summary>Since when its process runs; null before.</summary>
    public DateTimeOffset? RunningSince { get; init; }

    /// <summary>Whether it has run long enough to show that its worker can run executors of its application.</summary>
    public bool IsProven(DateTimeOffset now) => (now - RunningSince)?.Duration() >= ProvenAfter; // a clock may be set back
}
