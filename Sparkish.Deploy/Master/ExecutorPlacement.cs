#pragma warning disable MA0048 // the policy and its plain inputs and outputs stand together
using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Master;

/// <summary>What a worker has to give.</summary>
internal readonly record struct FreeWorker(WorkerId Id, int Cores, int MemoryMiB);

/// <summary>What an application still wants.</summary>
/// <param name="CoresLeft">How many cores it may still get.</param>
/// <param name="CoresPerExecutor">The cores of each executor; when null, each worker runs one executor with what it gets.</param>
internal readonly record struct ExecutorDemand(ApplicationId App, int CoresLeft, int? CoresPerExecutor, int MemoryPerExecutorMiB)
{
    /// <summary>The workers on which its executors failed and are not retried yet; null for none.</summary>
    public IReadOnlySet<WorkerId>? Resting { get; init; }

    public bool MayRunOn(WorkerId worker) => Resting?.Contains(worker) is not true;
}

/// <summary>One executor to launch.</summary>
internal readonly record struct ExecutorPlan(ApplicationId App, WorkerId Worker, int Cores, int MemoryMiB);

/// <summary>
/// Which executors to launch where, as Spark's master does it: applications first come, first served; workers by free cores, most first; each
/// application either spread over as many workers as possible or packed on few.
/// </summary>
internal static class ExecutorPlacement
{
    /// <summary>The executors to launch now, in order.</summary>
    /// <param name="workers">All workers that may run executors.</param>
    /// <param name="demands">What applications want, in the order in which they are served.</param>
    /// <param name="spreadOut">Whether to spread an application over many workers rather than fill one after the other.</param>
    public static IReadOnlyList<ExecutorPlan> Place(IEnumerable<FreeWorker> workers, IEnumerable<ExecutorDemand> demands, bool spreadOut)
    {
        var free = workers.ToArray();
        var plans = new List<ExecutorPlan>();
        foreach (var demand in demands)
        {
            var coresEach = demand.CoresPerExecutor ?? 1;
            if (demand.CoresLeft < coresEach) continue;

            // Spark sorts by free cores, then id, and reverses: equal workers come in descending order of their ids.
            Array.Sort(free, (a, b) => a.Cores != b.Cores ? b.Cores.CompareTo(a.Cores) : string.CompareOrdinal(b.Id.Value, a.Id.Value));
            var shares = Assign(free, demand, coresEach, spreadOut);
            for (var i = 0; i < free.Length; i++)
            {
                if (shares[i].Executors == 0) continue;
                var cores = demand.CoresPerExecutor ?? shares[i].Cores;
                for (var n = 0; n < shares[i].Executors; n++) plans.Add(new ExecutorPlan(demand.App, free[i].Id, cores, demand.MemoryPerExecutorMiB));
                free[i] = free[i] with
                {
                    Cores = free[i].Cores - shares[i].Cores,
                    MemoryMiB = free[i].MemoryMiB - (shares[i].Executors * demand.MemoryPerExecutorMiB),
                };
            }
        }

        return plans;
    }

    private static Share[] Assign(FreeWorker[] workers, ExecutorDemand demand, int coresEach, bool spreadOut)
    {
        var shares = new Share[workers.Length];
        var coresLeft = demand.CoresLeft;
        var open = Enumerable.Range(0, workers.Length).Where(CanTakeMore).ToList();
        while (open.Count > 0)
        {
            foreach (var i in open)
            {
                do Step(i);
                while (!spreadOut && CanTakeMore(i));
            }

            open = [.. open.Where(CanTakeMore)];
        }

        return shares;

        // An executor that takes what it gets grows by a core each time; its memory is taken once.
        bool NeedsNewExecutor(int i) => demand.CoresPerExecutor is not null || shares[i].Executors == 0;

        bool CanTakeMore(int i) => coresLeft >= coresEach && demand.MayRunOn(workers[i].Id) && workers[i].Cores - shares[i].Cores >= coresEach
            && (!NeedsNewExecutor(i) || workers[i].MemoryMiB - ((long)shares[i].Executors * demand.MemoryPerExecutorMiB) >= demand.MemoryPerExecutorMiB);

        void Step(int i)
        {
            if (!CanTakeMore(i)) return;
            shares[i] = new Share(shares[i].Cores + coresEach, shares[i].Executors + (NeedsNewExecutor(i) ? 1 : 0));
            coresLeft -= coresEach;
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Share(int Cores, int Executors);
}
