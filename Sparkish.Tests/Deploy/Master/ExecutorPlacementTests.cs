using FsCheck.Fluent;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Master;

internal sealed class ExecutorPlacementTests
{
    private static readonly ApplicationId App = new("app-1");
    private static readonly ApplicationId Other = new("app-2");

    [Test]
    public void Without_cores_per_executor_spreading_gives_each_worker_one_executor()
    {
        var plans = ExecutorPlacement.Place([Worker("a", 4), Worker("b", 4), Worker("c", 4)], [Demand(coresLeft: 6)], spreadOut: true);

        Assert.That(plans, Is.EquivalentTo(new[] { Plan("a", 2), Plan("b", 2), Plan("c", 2) }));
    }

    [Test]
    public void Without_cores_per_executor_consolidating_fills_a_worker_before_the_next()
    {
        var plans = ExecutorPlacement.Place([Worker("a", 4), Worker("b", 4), Worker("c", 4)], [Demand(coresLeft: 6)], spreadOut: false);

        Assert.That(plans, Is.EqualTo(new[] { Plan("c", 4), Plan("b", 2) }));
    }

    [Test]
    public void Executors_of_a_size_are_spread_one_round_at_a_time()
    {
        var plans = ExecutorPlacement.Place([Worker("a", 8), Worker("b", 4)], [Demand(coresLeft: 8, coresEach: 2)], spreadOut: true);

        Assert.That(plans, Is.EquivalentTo(new[] { Plan("a", 2), Plan("a", 2), Plan("b", 2), Plan("b", 2) }));
    }

    [TestCase(2, 1, "c", "b")]
    [TestCase(3, null, "c", "b", "a")]
    [TestCase(0, 1)]
    public void A_limit_of_executors_is_kept(int limit, int? coresEach, params string[] workers)
    {
        var demand = Demand(coresLeft: 6, coresEach: coresEach) with { ExecutorsLeft = limit };

        var plans = ExecutorPlacement.Place([Worker("a", 4), Worker("b", 4), Worker("c", 4)], [demand], spreadOut: true);

        Assert.That(plans.Select(plan => plan.Worker), Is.EqualTo(workers.Select(worker => new WorkerId(worker))));
    }

    [Test]
    public void A_limit_below_the_number_of_workers_lets_the_first_ones_grow()
    {
        var plans = ExecutorPlacement.Place(
            [Worker("a", 4), Worker("b", 4), Worker("c", 4)], [Demand(coresLeft: 6) with { ExecutorsLeft = 2 }], spreadOut: true);

        Assert.That(plans, Is.EqualTo(new[] { Plan("c", 3), Plan("b", 3) }));
    }

    [TestCase("CORES_FREE_DESC", "c b a")]
    [TestCase("CORES_FREE_ASC", "a b c")]
    [TestCase("MEMORY_FREE_DESC", "a b c")]
    [TestCase("MEMORY_FREE_ASC", "c b a")]
    [TestCase("WORKER_ID", "a b c")]
    public void The_policy_orders_the_workers(string policy, string expected)
    {
        FreeWorker[] workers = [Worker("b", 2, memoryMiB: 4096), Worker("c", 3, memoryMiB: 2048), Worker("a", 1, memoryMiB: 8192)];

        var plans = ExecutorPlacement.Place(
            workers, [Demand(coresLeft: 3, coresEach: 1)], spreadOut: true, int.MaxValue, WorkerSelectionPolicies.Names[policy]);

        Assert.That(string.Join(' ', plans.Select(plan => plan.Worker)), Is.EqualTo(expected));
    }

    [Test]
    public void Custom_resources_bound_the_number_of_executors_on_a_worker()
    {
        var worker = Worker("a", 8) with { Resources = new Dictionary<string, int> { ["gpu"] = 5 } };

        var plans = ExecutorPlacement.Place(
            [worker, Worker("b", 8)], [Demand(coresLeft: 8, coresEach: 1) with { Resources = [new ResourceRequirement("gpu", 2)] }], spreadOut: true);

        Assert.That(plans.Select(plan => plan.Worker), Is.EqualTo(new[] { new WorkerId("a"), new WorkerId("a") }));
    }

    [Test]
    public void Cores_left_below_the_size_of_an_executor_are_left_unused()
    {
        var plans = ExecutorPlacement.Place([Worker("a", 8)], [Demand(coresLeft: 5, coresEach: 3)], spreadOut: true);

        Assert.That(plans, Is.EqualTo(new[] { Plan("a", 3) }));
    }

    [Test]
    public void A_worker_without_memory_for_one_executor_gets_none()
    {
        var plans = ExecutorPlacement.Place([Worker("a", 8, memoryMiB: 1023), Worker("b", 1)], [Demand(coresLeft: 8)], spreadOut: true);

        Assert.That(plans, Is.EqualTo(new[] { Plan("b", 1) }));
    }

    [Test]
    public void Memory_bounds_the_number_of_executors_on_a_worker()
    {
        var plans = ExecutorPlacement.Place([Worker("a", 8, memoryMiB: 2500)], [Demand(coresLeft: 8, coresEach: 1)], spreadOut: true);

        Assert.That(plans, Is.EqualTo(new[] { Plan("a", 1), Plan("a", 1) }));
    }

    [Test]
    public void Applications_are_served_first_come_first_served()
    {
        var plans = ExecutorPlacement.Place([Worker("a", 4)], [Demand(coresLeft: 3), Demand(coresLeft: 3) with { App = Other }], spreadOut: true);

        Assert.That(plans, Is.EqualTo(new[] { Plan("a", 3), Plan("a", 1) with { App = Other } }));
    }

    [FsCheck.NUnit.Property]
    public FsCheck.Property No_worker_is_overbooked_and_no_application_gets_more_than_it_may() => Prop.ForAll(Cases(), c =>
    {
        var plans = ExecutorPlacement.Place(c.Workers, c.Demands, c.SpreadOut);

        return c.Workers.All(w => plans.Where(p => p.Worker == w.Id).Sum(p => p.Cores) <= w.Cores)
            && c.Workers.All(w => plans.Where(p => p.Worker == w.Id).Sum(p => p.MemoryMiB) <= w.MemoryMiB)
            && c.Demands.All(d => plans.Where(p => p.App == d.App).Sum(p => p.Cores) <= Math.Max(0, d.CoresLeft))
            && plans.All(p => p.Cores > 0 && c.Demands.Single(d => d.App == p.App) is var d
                && p.MemoryMiB == d.MemoryPerExecutorMiB && (d.CoresPerExecutor is null || p.Cores == d.CoresPerExecutor));
    });

    [FsCheck.NUnit.Property]
    public FsCheck.Property Nothing_that_could_be_placed_is_left_out() => Prop.ForAll(Cases(), c =>
    {
        var plans = ExecutorPlacement.Place(c.Workers, c.Demands, c.SpreadOut);
        var free = c.Workers.Select(w => w with
        {
            Cores = w.Cores - plans.Where(p => p.Worker == w.Id).Sum(p => p.Cores),
            MemoryMiB = w.MemoryMiB - plans.Where(p => p.Worker == w.Id).Sum(p => p.MemoryMiB),
        }).ToList();
        var unmet = c.Demands.Select(d => d with { CoresLeft = d.CoresLeft - plans.Where(p => p.App == d.App).Sum(p => p.Cores) });

        return !unmet.Any(d => d.CoresLeft >= (d.CoresPerExecutor ?? 1)
            && free.Any(w => w.Cores >= (d.CoresPerExecutor ?? 1) && w.MemoryMiB >= d.MemoryPerExecutorMiB));
    });

    [FsCheck.NUnit.Property]
    public FsCheck.Property Spreading_uses_at_least_as_many_workers_as_consolidating() => Prop.ForAll(Cases(), c =>
    {
        var demand = c.Demands[..1];
        var spread = ExecutorPlacement.Place(c.Workers, demand, spreadOut: true);
        var packed = ExecutorPlacement.Place(c.Workers, demand, spreadOut: false);

        return spread.DistinctBy(p => p.Worker).Count() >= packed.DistinctBy(p => p.Worker).Count();
    });

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public FsCheck.Property Counting_steps_gives_what_making_them_one_by_one_does() => Prop.ForAll(Cases(), c =>
        ExecutorPlacement.Place(c.Workers, c.Demands, c.SpreadOut).SequenceEqual(StepByStep(c.Workers, c.Demands, c.SpreadOut)));

    [Test]
    public void A_worker_with_two_thousand_million_cores_takes_no_longer_than_another()
    {
        var plans = ExecutorPlacement.Place([Worker("a", 2_000_000_000), Worker("b", 1_999_999_999)], [Demand(int.MaxValue)], spreadOut: true);

        Assert.That(plans.Sum(plan => (long)plan.Cores), Is.EqualTo(int.MaxValue));
    }

    [Test]
    public void A_demand_for_executors_of_nothing_gets_none() =>
        Assert.That(ExecutorPlacement.Place([Worker("a", 4)],
            [Demand(4, coresEach: 0), Demand(4, coresEach: -1), Demand(4) with { MemoryPerExecutorMiB = 0 }], spreadOut: true), Is.Empty);

    [Test]
    public void Executors_beyond_the_most_at_once_are_left_for_the_next_time()
    {
        var plans = ExecutorPlacement.Place([Worker("a", 8)], [Demand(coresLeft: 8, coresEach: 1)], spreadOut: true, maxPlans: 3);

        Assert.That(plans, Is.EqualTo(new[] { Plan("a", 1), Plan("a", 1), Plan("a", 1) }));
    }

    /// <summary>Spark's algorithm as it stands there: one core, or one executor, at a time.</summary>
    private static List<ExecutorPlan> StepByStep(IEnumerable<FreeWorker> workers, IEnumerable<ExecutorDemand> demands, bool spreadOut)
    {
        var plans = new List<ExecutorPlan>();
        var free = workers.ToArray();
        foreach (var demand in demands)
        {
            var each = demand.CoresPerExecutor ?? 1;
            var left = demand.CoresLeft;
            free = [.. free.OrderByDescending(worker => worker.Cores).ThenByDescending(worker => worker.Id.Value, StringComparer.Ordinal)];
            var (cores, executors) = (new int[free.Length], new int[free.Length]);
            var open = Enumerable.Range(0, free.Length).Where(CanTakeMore).ToList();
            while (open.Count > 0)
            {
                foreach (var i in open)
                {
                    do
                    {
                        if (!CanTakeMore(i)) break;
                        if (demand.CoresPerExecutor is not null || executors[i] == 0) executors[i]++;
                        cores[i] += each;
                        left -= each;
                    }
                    while (!spreadOut && CanTakeMore(i));
                }

                open = [.. open.Where(CanTakeMore)];
            }

            for (var i = 0; i < free.Length; i++)
            {
                for (var n = 0; n < executors[i]; n++)
                    plans.Add(new ExecutorPlan(demand.App, free[i].Id, demand.CoresPerExecutor ?? cores[i], demand.MemoryPerExecutorMiB));
                free[i] = free[i] with { Cores = free[i].Cores - cores[i], MemoryMiB = free[i].MemoryMiB - (executors[i] * demand.MemoryPerExecutorMiB) };
            }

            bool CanTakeMore(int i) => left >= each && free[i].Cores - cores[i] >= each
                && ((demand.CoresPerExecutor is null && executors[i] > 0)
                    || free[i].MemoryMiB - (executors[i] * demand.MemoryPerExecutorMiB) >= demand.MemoryPerExecutorMiB);
        }

        return plans;
    }

    private static FsCheck.Arbitrary<Case> Cases()
    {
        var worker = from cores in Gen.Choose(0, 16) from memory in Gen.Choose(0, 8) select (cores, memory);
        var demand =
            from left in Gen.Choose(-2, 40)
            from each in Gen.Choose(0, 5)
            from memory in Gen.Choose(1, 4)
            select (left, each, memory);
        var cases =
            from workers in Gen.ArrayOf(worker)
            from demands in Gen.NonEmptyListOf(demand)
            from spreadOut in Gen.Elements(true, false)
            select new Case(
                [.. workers.Select((w, i) => new FreeWorker(new WorkerId($"w{i}"), w.cores, w.memory * 512))],
                [.. demands.Select((d, i) => new ExecutorDemand(new ApplicationId($"app{i}"), d.left, d.each == 0 ? null : d.each, d.memory * 512))],
                spreadOut);
        return cases.ToArbitrary();
    }

    private static FreeWorker Worker(string id, int cores, int memoryMiB = 8192) => new(new WorkerId(id), cores, memoryMiB);

    private static ExecutorDemand Demand(int coresLeft, int? coresEach = null) => new(App, coresLeft, coresEach, 1024);

    private static ExecutorPlan Plan(string worker, int cores) => new(App, new WorkerId(worker), cores, 1024);

    private sealed record Case(FreeWorker[] Workers, ExecutorDemand[] Demands, bool SpreadOut);
}
