using Sparkish.Deploy;
using Sparkish.Deploy.Master;

namespace Sparkish.Tests.Deploy.Master;

internal sealed class DriverPlacementTests
{
    private static readonly FreeWorker[] Three = [.. Enumerable.Range(1, 3).Select(i => new FreeWorker(new WorkerId($"worker-{i}"), 4, 4096))];

    [Test]
    public void Spread_out_drivers_take_one_worker_after_the_other() =>
        Assert.That(Place(Three, 4, spreadOut: true), Is.EqualTo(new[] { "1 on worker-1", "2 on worker-2", "3 on worker-3", "4 on worker-1" }));

    [Test]
    public void Consolidated_drivers_fill_the_first_worker() =>
        Assert.That(Place(Three, 3, spreadOut: false), Is.EqualTo(new[] { "1 on worker-1", "2 on worker-1", "3 on worker-1" }));

    [Test]
    public void A_driver_that_fits_nowhere_waits_and_later_ones_are_placed()
    {
        DriverDemand[] demands = [new(new DriverId("driver-large"), 64, 1), new(new DriverId("driver-small"), 1, 1)];

        var plans = DriverPlacement.Place(Three, demands, spreadOut: true, most: 10);

        Assert.That(plans, Is.EqualTo(new[] { new DriverPlan(new DriverId("driver-small"), Three[0].Id) }));
    }

    [Test]
    public void No_more_than_the_limit_are_placed() =>
        Assert.That(DriverPlacement.Place(Three, Demands(5), spreadOut: true, most: 2), Has.Count.EqualTo(2));

    [Test]
    public void Memory_and_custom_resources_limit_a_worker()
    {
        FreeWorker[] workers =
        [
            new(new WorkerId("worker-none"), 4, 4096),
            new(new WorkerId("worker-gpu"), 4, 1024) { Resources = new Dictionary<string, int> { ["gpu"] = 1 } },
        ];
        var demands = Demands(2).Select(demand => demand with { Resources = [new ResourceRequirement("gpu", 1)] });

        var plans = DriverPlacement.Place(workers, demands, spreadOut: true, most: 10);

        Assert.That(plans.Select(plan => plan.Worker), Is.EqualTo(new[] { workers[1].Id }));
    }

    [Test]
    public void A_driver_that_waits_for_a_resource_keeps_none_back_that_needs_it_not()
    {
        FreeWorker[] workers = [new(new WorkerId("worker-1"), 4, 4096) { Resources = new Dictionary<string, int> { ["gpu"] = 1 } }];
        DriverDemand[] demands =
        [
            new(new DriverId("driver-two"), 1, 1) { Resources = [new ResourceRequirement("gpu", 2)] },
            new(new DriverId("driver-four"), 1, 1) { Resources = [new ResourceRequirement("gpu", 4)] },
            new(new DriverId("driver-one"), 1, 1) { Resources = [new ResourceRequirement("gpu", 1)] },
            new(new DriverId("driver-none"), 1, 1),
        ];

        var plans = DriverPlacement.Place(workers, demands, spreadOut: true, most: 10);

        Assert.That(plans.Select(plan => plan.Driver.Value), Is.EqualTo(new[] { "driver-one", "driver-none" }));
    }

    [Test]
    public void Without_workers_all_wait() => Assert.That(DriverPlacement.Place([], Demands(1), spreadOut: true, most: 10), Is.Empty);

    private static IEnumerable<DriverDemand> Demands(int count) => Enumerable.Range(1, count).Select(i => new DriverDemand(new DriverId($"driver-{i}"), 1, 1024));

    private static IEnumerable<string> Place(FreeWorker[] workers, int count, bool spreadOut) =>
        DriverPlacement.Place(workers, Demands(count), spreadOut, most: 100).Select(plan => $"{plan.Driver.Value["driver-".Length..]} on {plan.Worker}");
}
