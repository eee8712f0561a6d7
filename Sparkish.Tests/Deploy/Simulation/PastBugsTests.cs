using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>Bugs that cluster managers had in the past, each by its name.</summary>
internal sealed class PastBugsTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Test]
    public void Executors_left_behind_by_a_reconnect_are_ended_and_replaced_once()
    {
        var cluster = new SimulatedCluster(seed: 22, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 2);
        var app = simulation.AddApplication(maxCores: 4);
        cluster.RunUntil(() => app.Executors.Count == 4 && Running(simulation).Count == 4, Soon);
        var (worker, machine) = simulation.Workers.Zip(simulation.Machines).First(pair => pair.Second.Executors.Any());
        var lost = machine.Executors.ToList();

        cluster.Cut(simulation.Masters[0], worker);
        cluster.RunUntil(() => !app.Executors.Overlaps(lost.Select(executor => executor.Number)) && app.Executors.Count == 4, Soon);
        var leftBehind = machine.Executors.ToList();
        cluster.HealAll();
        cluster.RunFor(Soon);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(leftBehind, Is.SupersetOf(lost), "nobody could end them");
            Assert.That(machine.Executors, Has.None.AnyOf(lost.Cast<object>().ToArray()));
            Assert.That(Running(simulation), Is.EquivalentTo(app.Executors));
        }
    }

    [Test]
    public void A_half_open_connection_costs_no_more_than_the_executors_behind_it([Values] bool fromMaster)
    {
        var cluster = new SimulatedCluster(seed: 23, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 2);
        var app = simulation.AddApplication(maxCores: 4);
        cluster.RunUntil(() => app.Executors.Count == 4 && Running(simulation).Count == 4, Soon);
        var before = app.Executors.ToHashSet();
        var worker = simulation.Workers.Zip(simulation.Machines).First(pair => pair.Second.Executors.Any()).First;

        if (fromMaster) cluster.CutOneWay(simulation.Masters[0], worker);
        else cluster.CutOneWay(worker, simulation.Masters[0]);
        cluster.RunUntil(() => !before.IsSubsetOf(app.Executors) && app.Executors.Count == 4, Soon); // they are replaced elsewhere
        cluster.HealAll();
        cluster.RunFor(Soon);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(app.Death, Is.Null);
            Assert.That(app.Executors, Has.Count.EqualTo(4));
            Assert.That(Running(simulation), Is.EquivalentTo(app.Executors), "each runs once, and no other");
        }
    }

    private static List<int> Running(ClusterSimulation simulation) =>
        [.. simulation.Machines.SelectMany(machine => machine.Executors).Select(executor => executor.Number)];
}
