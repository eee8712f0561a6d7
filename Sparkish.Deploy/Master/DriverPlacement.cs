#pragma warning disable MA0048 // the policy and its plain inputs and outputs belong together
using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Master;

/// <summary>A driver that waits for a worker.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DriverDemand(DriverId Driver, int Cores, int MemoryMiB)
{
    /// <summary>The custom resources that it needs; null for none.</summary>
    public ResourceRequirement[]? Resources { get; init; }

    /// <summary>Whether workers without room for this driver have no room for the other one.</summary>
    public bool IsNoLargerThan(DriverDemand other) =>
        Cores <= other.Cores && MemoryMiB <= other.MemoryMiB && ResourceAllotment.IsNoLargerThan(Resources, other.Resources);
}

/// <summary>One driver to launch.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DriverPlan(DriverId Driver, WorkerId Worker);

/// <summary>
/// Decides which drivers to launch on which workers, like Spark's master. Drivers are served in the order of their submission; one that fits nowhere waits, and
/// later ones are still tried.
/// </summary>
internal static class DriverPlacement
{
    // More would rarely save anything: drivers of one cluster have few shapes.
    private const int MaxRemembered = 8;

    /// <summary>The drivers to launch now, in order.</summary>
    /// <param name="workers">
    /// The workers that may run drivers, in the order in which they are tried: shuffled to spread drivers out, and otherwise sorted.
    /// </param>
    /// <param name="demands">The waiting drivers, in order.</param>
    /// <param name="spreadOut">Whether each driver is first tried on the worker after the one of the previous driver.</param>
    /// <param name="most">Maximum number of drivers to launch.</param>
    public static IReadOnlyList<DriverPlan> Place(IEnumerable<FreeWorker> workers, IEnumerable<DriverDemand> demands, bool spreadOut, int most)
    {
        var free = workers.ToArray();
        var plans = new List<DriverPlan>();
        var unmet = new List<DriverDemand>();
        var next = 0;
        foreach (var demand in demands)
        {
            if (plans.Count >= most) break;
            if (unmet.Exists(smaller => smaller.IsNoLargerThan(demand))) continue;
            var before = plans.Count;
            for (var i = 0; i < free.Length; i++)
            {
                var place = (next + i) % free.Length;
                if (!Fits(free[place], demand)) continue;
                plans.Add(new DriverPlan(demand.Driver, free[place].Id));
                free[place] = free[place] with
                {
                    Cores = free[place].Cores - demand.Cores,
                    MemoryMiB = free[place].MemoryMiB - demand.MemoryMiB,
                    Resources = ResourceAllotment.Without(free[place].Resources, demand.Resources, 1),
                };
                if (spreadOut) next = (place + 1) % free.Length;
                break;
            }

            if (plans.Count == before && unmet.Count < MaxRemembered) unmet.Add(demand);
        }

        return plans;
    }

    private static bool Fits(FreeWorker worker, DriverDemand demand) =>
        worker.Cores >= demand.Cores && worker.MemoryMiB >= demand.MemoryMiB && ResourceAllotment.RoomFor(demand.Resources, worker.Resources) > 0;
}
