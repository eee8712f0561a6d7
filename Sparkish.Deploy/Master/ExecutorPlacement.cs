#pragma warning disable MA0048 // the policy and its plain inputs and outputs belong together
using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Master;

/// <summary>The free resources of a worker.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FreeWorker(WorkerId Id, int Cores, int MemoryMiB)
{
    /// <summary>Number of free units of each custom resource; null for none.</summary>
    public IReadOnlyDictionary<string, int>? Resources { get; init; }
}

/// <summary>The unmet demand of an application.</summary>
/// <param name="CoresLeft">Maximum number of further cores.</param>
/// <param name="CoresPerExecutor">The cores of each executor; if null, each worker runs one executor with all the cores it allots.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ExecutorDemand(ApplicationId App, int CoresLeft, int? CoresPerExecutor, int MemoryPerExecutorMiB)
{
    /// <summary>Maximum number of further executors; null for no limit.</summary>
    public int? ExecutorsLeft { get; init; }

    /// <summary>The custom resources of each executor; null for none.</summary>
    public ResourceRequirement[]? Resources { get; init; }

    /// <summary>The workers on which its executors failed and are not retried yet; null for none.</summary>
    public IReadOnlySet<WorkerId>? Resting { get; init; }

    public bool MayRunOn(WorkerId worker) => Resting?.Contains(worker) is not true;

    /// <summary>Whether workers without room for this demand have no room for the other one.</summary>
    public bool IsNoLargerThan(ExecutorDemand other) => Resting is not { Count: > 0 } && (CoresPerExecutor ?? 1) <= (other.CoresPerExecutor ?? 1)
        && MemoryPerExecutorMiB <= other.MemoryPerExecutorMiB && ResourceAllotment.IsNoLargerThan(Resources, other.Resources);
}

/// <summary>One executor to launch.</summary>
internal readonly record struct ExecutorPlan(ApplicationId App, WorkerId Worker, int Cores, int MemoryMiB);

/// <summary>
/// Decides which executors to launch on which workers, like Spark's master. Applications are served first come, first served; workers are ordered by a policy,
/// usually by free cores, most first. Each application is either spread over as many workers as possible or packed on few.
/// </summary>
internal static class ExecutorPlacement
{
    // More would rarely save anything: demands of one cluster have few shapes.
    private const int MaxRemembered = 8;

    /// <summary>The executors to launch now, in order.</summary>
    /// <param name="workers">All workers that may run executors.</param>
    /// <param name="demands">The demands of applications, in the order in which they are served.</param>
    /// <param name="spreadOut">Whether to spread an application over many workers rather than fill one after the other.</param>
    /// <param name="maxPlans">The most executors to launch now; those that are left are found the next time.</param>
    /// <param name="policy">The order in which workers are considered.</param>
    public static IReadOnlyList<ExecutorPlan> Place(
        IEnumerable<FreeWorker> workers, IEnumerable<ExecutorDemand> demands, bool spreadOut, int maxPlans = int.MaxValue,
            WorkerSelectionPolicy policy = WorkerSelectionPolicy.CoresFreeDesc) => Place(new FreeWorkers(policy, workers), demands, spreadOut, maxPlans);

    /// <inheritdoc cref="Place(IEnumerable{FreeWorker}, IEnumerable{ExecutorDemand}, bool, int, WorkerSelectionPolicy)"/>
    /// <param name="free">All workers that may run executors; what is placed is taken from them.</param>
    public static IReadOnlyList<ExecutorPlan> Place(FreeWorkers free, IEnumerable<ExecutorDemand> demands, bool spreadOut, int maxPlans)
    {
        var plans = new List<ExecutorPlan>();
        var unmet = new List<ExecutorDemand>();
        if (free.IsEmpty) return plans;
        foreach (var demand in demands)
        {
            var coresEach = demand.CoresPerExecutor ?? 1;
            if (demand.CoresLeft < coresEach || coresEach < 1 || demand.MemoryPerExecutorMiB < 1 || demand.ExecutorsLeft <= 0) continue;
            if (unmet.Exists(smaller => smaller.IsNoLargerThan(demand))) continue;

            var shares = Assign(free, demand, coresEach, spreadOut);
            if (shares.Count == 0 && unmet.Count < MaxRemembered) unmet.Add(demand);
            foreach (var (worker, cores, executors) in shares)
            {
                for (var n = 0; n < executors; n++)
                {
                    if (plans.Count == maxPlans) return plans;
                    plans.Add(new ExecutorPlan(demand.App, worker.Id, demand.CoresPerExecutor ?? cores, demand.MemoryPerExecutorMiB));
                }

                free.Set(worker with
                {
                    Cores = worker.Cores - cores,
                    MemoryMiB = worker.MemoryMiB - (executors * demand.MemoryPerExecutorMiB),
                    Resources = ResourceAllotment.Without(worker.Resources, demand.Resources, executors),
                });
            }

            if (free.IsEmpty || plans.Count == maxPlans) break;
        }

        return plans;
    }

    /// <summary>
    /// Counts the steps of each worker; a step is an executor of a fixed size, or one core of the worker's only executor. Spark makes the steps one by one, in
    /// rounds over the workers or worker after worker; this computes their number, and looks at no more workers than get one.
    /// </summary>
    private static List<Share> Assign(FreeWorkers free, ExecutorDemand demand, int coresEach, bool spreadOut)
    {
        // Without a fixed size each worker runs one executor, which grows: a limit of executors is one of workers.
        var hasSize = demand.CoresPerExecutor is not null;
        var most = Math.Min(demand.CoresLeft / coresEach, hasSize ? demand.ExecutorsLeft ?? int.MaxValue : int.MaxValue);
        var mostWorkers = hasSize ? int.MaxValue : demand.ExecutorsLeft ?? int.MaxValue;
        var (workers, room, left) = (new List<FreeWorker>(), new List<int>(), (long)most);
        foreach (var worker in free.With(coresEach, demand.MemoryPerExecutorMiB))
        {
            var steps = RoomFor(demand, coresEach, worker);
            if (steps == 0) continue;
            workers.Add(worker);
            room.Add(steps);
            left -= spreadOut ? 1 : steps;
            if (left <= 0 || workers.Count == mostWorkers) break;
        }

        var taken = spreadOut ? SpreadOut([.. room], most) : FillUp([.. room], most);
        return [.. workers.Zip(taken, (worker, count) => new Share(worker, count * coresEach, hasSize ? count : Math.Min(count, 1)))];
    }

    private static int RoomFor(ExecutorDemand demand, int coresEach, FreeWorker worker)
    {
        if (!demand.MayRunOn(worker.Id)) return 0;
        var executors = Math.Min(worker.MemoryMiB / demand.MemoryPerExecutorMiB, ResourceAllotment.RoomFor(demand.Resources, worker.Resources));

        // An executor without a fixed size grows by a core each time; its memory is taken once.
        if (demand.CoresPerExecutor is null) return executors == 0 ? 0 : Math.Max(0, worker.Cores);
        return Math.Clamp(worker.Cores / coresEach, 0, Math.Max(0, executors));
    }

    private static int[] FillUp(int[] room, int steps)
    {
        var taken = new int[room.Length];
        for (var i = 0; i < room.Length && steps > 0; i++)
        {
            taken[i] = Math.Min(room[i], steps);
            steps -= taken[i];
        }

        return taken;
    }

    /// <summary>Whole rounds, each of which gives every worker with room one step, then one more step to the first workers in order.</summary>
    private static int[] SpreadOut(int[] room, int steps)
    {
        var (rounds, beyond) = (0, room.Append(0).Max() + 1L);
        while (beyond - rounds > 1)
        {
            var middle = (int)((rounds + beyond) / 2);
            if (room.Sum(workers => (long)Math.Min(workers, middle)) <= steps) rounds = middle;
            else beyond = middle;
        }

        var taken = Array.ConvertAll(room, workers => Math.Min(workers, rounds));
        var left = steps - taken.Sum(static count => (long)count);
        for (var i = 0; i < room.Length && left > 0; i++)
        {
            if (room[i] == taken[i]) continue;
            taken[i]++;
            left--;
        }

        return taken;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Share(FreeWorker Worker, int Cores, int Executors);
}
