using System.Collections.Immutable;
using System.Diagnostics;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>
/// A master's state of its cluster: an immutable value that only <see cref="Apply"/> changes, so that the same events in the same order always give the same
/// state.
/// </summary>
internal sealed record MasterState
{
    public static readonly MasterState Empty = new();

    public ImmutableDictionary<WorkerId, WorkerInfo> Workers { get; private init; } = ImmutableDictionary<WorkerId, WorkerInfo>.Empty;

    public ImmutableDictionary<ApplicationId, ApplicationInfo> Applications { get; private init; } = ImmutableDictionary<ApplicationId, ApplicationInfo>.Empty;

    /// <summary>The number of the next application.</summary>
    public int NextApplication { get; private init; }

    public IEnumerable<ApplicationInfo> ApplicationsInOrder => Applications.Values.OrderBy(app => app.Number);

    public WorkerInfo? WorkerAt(RpcAddress address) => Workers.Values.FirstOrDefault(worker => worker.Ref.Address == address);

    public ApplicationInfo? ApplicationAt(RpcAddress address) => Applications.Values.FirstOrDefault(app => app.Client.Address == address);

    public ExecutorInfo? FindExecutor(ExecutorKey key) => Applications.GetValueOrDefault(key.App)?.Executors.GetValueOrDefault(key.Number);

    /// <summary>The state after an event.</summary>
    /// <exception cref="InvalidOperationException">The event cannot happen in this state.</exception>
    public MasterState Apply(MasterEvent happened)
    {
        var next = happened switch
        {
            WorkerAdded e => After(e),
            WorkerLost e => After(e),
            ApplicationAdded e => After(e),
            ApplicationEnded e => After(e),
            ExecutorLaunched e => After(e),
            ExecutorChanged e => After(e),
            _ => throw Impossible(happened),
        };
        Debug.Assert(next.Workers.Values.All(worker => worker is { CoresFree: >= 0, MemoryFreeMiB: >= 0 }), "A worker is overbooked.");
        return next;
    }

    private MasterState After(WorkerAdded e) => Workers.ContainsKey(e.Worker)
        ? throw Impossible(e)
        : this with { Workers = Workers.Add(e.Worker, new WorkerInfo(e.Worker, e.Ref, e.Host, e.Port, e.Cores, e.MemoryMiB) { Peer = e.Peer }) };

    private MasterState After(WorkerLost e)
    {
        var worker = Workers.GetValueOrDefault(e.Worker) ?? throw Impossible(e);
        var apps = Applications;
        foreach (var key in worker.Executors.Keys)
        {
            if (apps.TryGetValue(key.App, out var app) && app.Executors.ContainsKey(key.Number)) apps = apps.SetItem(key.App, app.Without(key.Number));
        }

        foreach (var app in apps.Values.Where(app => app.Failures.ContainsKey(e.Worker)))
            apps = apps.SetItem(app.Id, app with { Failures = app.Failures.Remove(e.Worker) });

        return this with { Workers = Workers.Remove(e.Worker), Applications = apps };
    }

    private MasterState After(ApplicationAdded e) => Applications.ContainsKey(e.App)
        ? throw Impossible(e)
        : this with
        {
            Applications = Applications.Add(
                e.App, new ApplicationInfo(e.App, NextApplication, e.Description, e.Client) { Peer = e.Peer, Secret = e.Secret }),
            NextApplication = NextApplication + 1,
        };

    private MasterState After(ApplicationEnded e) => Applications.ContainsKey(e.App) && e.State >= ApplicationState.Finished
        ? this with { Applications = Applications.Remove(e.App) }
        : throw Impossible(e);

    private MasterState After(ExecutorLaunched e)
    {
        var (key, worker) = (e.Executor, Workers.GetValueOrDefault(e.Worker) ?? throw Impossible(e));
        var app = Applications.GetValueOrDefault(key.App) ?? throw Impossible(e);
        if (key.Number != app.NextExecutor || worker.CoresFree < e.Cores || worker.MemoryFreeMiB < e.MemoryMiB) throw Impossible(e);

        return this with
        {
            Workers = Workers.SetItem(worker.Id, worker.Take(key, new ExecutorResources(e.Cores, e.MemoryMiB))),
            Applications = Applications.SetItem(app.Id, app with
            {
                State = ApplicationState.Running,
                NextExecutor = key.Number + 1,
                CoresGranted = app.CoresGranted + e.Cores,
                Executors = app.Executors.Add(key.Number, new ExecutorInfo(key.Number, worker.Id, e.Cores, e.MemoryMiB, ExecutorState.Launching)),
            }),
        };
    }

    private MasterState After(ExecutorChanged e)
    {
        var workers = Workers;
        if (e.State.IsFinished() && workers.TryGetValue(e.Worker, out var worker)) workers = workers.SetItem(worker.Id, worker.Release(e.Executor));
        if (FindExecutor(e.Executor) is not { } executor) return this with { Workers = workers };
        if (e.State == ExecutorState.Running && executor.State != ExecutorState.Launching) throw Impossible(e);

        var app = Applications[e.Executor.App];
        app = e.State.IsFinished()
            ? app.Without(executor.Number) with { RetryCount = RetriesAfter(app.RetryCount, executor, e), Failures = FailuresAfter(app.Failures, executor, e) }
            : app with
            {
                Executors = app.Executors.SetItem(executor.Number, executor with
                {
                    State = e.State,
                    RunningSince = e.State == ExecutorState.Running ? e.At : executor.RunningSince,
                }),
            };
        return this with { Workers = workers, Applications = Applications.SetItem(app.Id, app) };
    }

    private static int RetriesAfter(int retries, ExecutorInfo executor, ExecutorChanged end)
    {
        var before = executor.IsProven(end.At) ? 0 : retries;
        return end.ExitStatus == 0 ? before : before + 1;
    }

    private static ImmutableDictionary<WorkerId, WorkerFailures> FailuresAfter(
        ImmutableDictionary<WorkerId, WorkerFailures> failures, ExecutorInfo executor, ExecutorChanged end)
    {
        if (executor.IsProven(end.At)) return failures.Remove(executor.Worker);
        if (end.ExitStatus == 0 || end.State == ExecutorState.Killed) return failures;
        return failures.SetItem(executor.Worker, WorkerFailures.After(failures.GetValueOrDefault(executor.Worker), end.At));
    }

    private static InvalidOperationException Impossible(MasterEvent happened) => new($"{happened} cannot happen in this state of the master.");
}
