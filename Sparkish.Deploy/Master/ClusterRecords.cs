#pragma warning disable MA0048 // the parts of one state stand together
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>A worker as the master sees it.</summary>
internal sealed record WorkerInfo(WorkerId Id, RpcEndpointRef Ref, string Host, int Port, int Cores, int MemoryMiB)
{
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

/// <summary>What an executor takes of its worker.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ExecutorResources(int Cores, int MemoryMiB);

/// <summary>An application that is not over.</summary>
/// <param name="Number">Its place in the queue: applications are served in the order in which they came.</param>
internal sealed record ApplicationInfo(ApplicationId Id, int Number, ApplicationDescription Description, RpcEndpointRef Client)
{
    public ApplicationState State { get; init; } = ApplicationState.Waiting;

    public ImmutableSortedDictionary<int, ExecutorInfo> Executors { get; init; } = ImmutableSortedDictionary<int, ExecutorInfo>.Empty;

    public int CoresGranted { get; init; }

    public int NextExecutor { get; init; }

    /// <summary>How many executors in a row ended without success soon after their start.</summary>
    public int RetryCount { get; init; }

    public bool HasProvenExecutor(DateTimeOffset now) => Executors.Values.Any(executor => executor.IsProven(now));

    public ApplicationInfo Without(int executor) => this with
    {
        CoresGranted = CoresGranted - Executors[executor].Cores,
        Executors = Executors.Remove(executor),
    };
}

/// <summary>An executor of an application that is not over.</summary>
internal sealed record ExecutorInfo(int Number, WorkerId Worker, int Cores, int MemoryMiB, ExecutorState State)
{
    /// <summary>
    /// A process that was started proves nothing: one whose heap is too small, or whose driver cannot be reached, ends within moments, again and again.
    /// </summary>
    private static readonly TimeSpan ProvenAfter = TimeSpan.FromSeconds(10);

    /// <summary>Since when its process runs; null before.</summary>
    public DateTimeOffset? RunningSince { get; init; }

    /// <summary>Whether it has run for long enough to say that executors of its application can.</summary>
    public bool IsProven(DateTimeOffset now) => now - RunningSince >= ProvenAfter;
}
