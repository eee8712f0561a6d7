#pragma warning disable MA0048 // the parts of one state belong together
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>A worker as the master sees it.</summary>
internal sealed record WorkerInfo(WorkerId Id, RpcEndpointRef Ref, string Host, int Port, int Cores, int MemoryMiB)
{
    /// <summary>The env that registered it, the only one whose messages count; null if the env does not distinguish its peers.</summary>
    public RpcPeer? Peer { get; init; }

    public ImmutableDictionary<ExecutorKey, ExecutorResources> Executors { get; init; } = ImmutableDictionary<ExecutorKey, ExecutorResources>.Empty;

    public int CoresFree { get; init; } = Cores;

    public int MemoryFreeMiB { get; init; } = MemoryMiB;

    public WorkerInfo Take(ExecutorKey executor, ExecutorResources resources) => this with
    {
        Executors = Executors.Add(executor, resources),
        CoresFree = CoresFree - resources.Cores,
        MemoryFreeMiB = MemoryFreeMiB - resources.MemoryMiB,
    };

    public WorkerInfo Release(ExecutorKey executor) => !Executors.TryGetValue(executor, out var resources) ? this : this with
    {
        Executors = Executors.Remove(executor),
        CoresFree = CoresFree + resources.Cores,
        MemoryFreeMiB = MemoryFreeMiB + resources.MemoryMiB,
    };
}

/// <summary>The resources that an executor occupies on its worker.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ExecutorResources(int Cores, int MemoryMiB);

/// <summary>An application that is not over.</summary>
/// <param name="Number">Its place in the queue: applications are served in the order of their registration.</param>
internal sealed record ApplicationInfo(ApplicationId Id, int Number, ApplicationDescription Description, RpcEndpointRef Client)
{
    /// <summary>The env that registered it, the only one whose messages count; null if the env does not distinguish its peers.</summary>
    public RpcPeer? Peer { get; init; }

    /// <summary>The secret that its driver and executors prove to each other.</summary>
    public ApplicationSecret Secret { get; init; } = ApplicationSecret.New();

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
        Failures.Where(failed => failed.Value.RetryAt > now).Select(failed => failed.Key).ToHashSet();

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
    public bool IsProven(DateTimeOffset now) => now - RunningSince >= ProvenAfter;
}
