using Sparkish.Simulation;

namespace Sparkish.Tests.Persistence;

/// <summary>Event-sourced endpoints under crashes, lost machines and disks, in virtual time.</summary>
internal sealed class EventSourcingSimulationTests
{
    private const string Filter = "FullyQualifiedName~EventSourcingSimulation";

    [TestCase(100)]
    [TestCase(1000, Category = LongAttribute.Category)]
    public void Whatever_crashes_all_that_was_acknowledged_is_recovered_and_nothing_twice(int seeds) => SimulatedCluster.ForSeeds(seeds, static cluster =>
    {
        var counter = new EventSourcingSimulation(cluster);
        var chaos = cluster.StartChaos(
            new ChaosOptions { MeanPause = TimeSpan.FromMilliseconds(250), MaxDuration = TimeSpan.FromSeconds(1), Crashes = 6, MachineLosses = 4 });
        cluster.RunFor(TimeSpan.FromSeconds(4));
        chaos.Dispose();
        counter.Finish();
    }, EventSourcingSimulation.Options, Filter);

    [Test]
    public void After_the_loss_of_its_disk_a_counter_begins_anew() => SimulatedCluster.ForSeeds(50, static cluster =>
    {
        var counter = new EventSourcingSimulation(cluster);
        cluster.RunFor(TimeSpan.FromSeconds(1));
        counter.LoseDisk();
        counter.Finish();
    }, EventSourcingSimulation.Options, Filter);

    [Test]
    public void A_full_disk_stops_the_counter_and_loses_nothing() => SimulatedCluster.ForSeeds(50, static cluster =>
    {
        var counter = new EventSourcingSimulation(cluster);
        cluster.RunFor(TimeSpan.FromMilliseconds(300));
        counter.Server.Disk.Capacity = counter.Server.Disk.Used;
        cluster.RunFor(TimeSpan.FromSeconds(2));
        counter.Server.Disk.Capacity = long.MaxValue;
        counter.Server.Crash();
        counter.Server.Start();
        counter.Finish();
    }, EventSourcingSimulation.Options, Filter);

    [Test]
    public void The_same_seed_is_the_same_run()
    {
        var (first, second) = (Run(), Run());

        Assert.That(second, Is.EqualTo(first));

        static ulong Run()
        {
            var cluster = new SimulatedCluster(7, EventSourcingSimulation.Options);
            var counter = new EventSourcingSimulation(cluster);
            using (cluster.StartChaos(new ChaosOptions { MeanPause = TimeSpan.FromMilliseconds(250), MaxDuration = TimeSpan.FromSeconds(1) }))
                cluster.RunFor(TimeSpan.FromSeconds(4));
            counter.Finish();
            return cluster.TraceHash;
        }
    }
}
