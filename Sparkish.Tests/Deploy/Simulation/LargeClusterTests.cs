using System.Diagnostics;
using System.Globalization;
using Sparkish.Deploy;
using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>
/// A cluster of a hundred workers, or the number in <c>SPARKISH_WORKERS</c>, with a fifth as many applications, or the number in
/// <c>SPARKISH_APPLICATIONS</c>. It prints its figures.
/// </summary>
[Long]
internal sealed class LargeClusterTests
{
    private const int Replacements = 100;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    [Test]
    public void A_large_cluster_registers_and_changes_its_leader_within_seconds()
    {
        var workers = RequestedNumber.Of("SPARKISH_WORKERS", 100);
        var applications = RequestedNumber.Of("SPARKISH_APPLICATIONS", workers / 5);
        var cluster = new SimulatedCluster(seed: 18, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 3, workers, eventsPerSnapshot: 10_000);
        var client = simulation.AddClient("client");

        cluster.RunUntil(() => simulation.Watch.Followed.Count == workers, Limit);
        Print(cluster, $"{workers} workers registered within {cluster.Now.TotalSeconds:F1} s; they took {Ms(simulation.Leader)} ms of the leader");
        var (began, busy) = (cluster.Now, simulation.Leader.RealTime);
        for (var i = 0; i < applications; i++) simulation.AddApplication(maxCores: 4);
        cluster.RunUntil(() => simulation.Applications.TrueForAll(app => app.Executors.Count == 4), Limit);
        var taken = cluster.Now - began;
        Print(cluster, $"{applications} applications had their executors within {taken.TotalSeconds:F1} s; they took {Ms(simulation.Leader, busy)} ms of the leader");

        var atRest = MeasureRest(cluster, simulation);
        MeasureReplacements(cluster, simulation, atRest, "");
        cluster.Run(() => simulation.SubmitAsync(client, "large", isSupervised: false, ClusterSimulation.CoresPerWorker + 1));
        MeasureReplacements(cluster, simulation, atRest, " while a driver waits that fits nowhere");
        var pause = ChangeLeader(cluster, simulation, client);

        Assert.That(pause, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    /// <summary>Returns the part of its time that the leader is busy while nothing happens.</summary>
    private double MeasureRest(SimulatedCluster cluster, ClusterSimulation simulation)
    {
        SimulatedNode[] nodes = [simulation.Leader, simulation.Workers[0], simulation.Applications[0].Node];
        var before = nodes.Select(node => node.MessagesReceived).ToArray();
        var busy = nodes[0].RealTime;
        cluster.RunFor(Rest);
        var rates = nodes.Select((node, i) => (node.MessagesReceived - before[i]) / Rest.TotalSeconds).ToArray();
        var share = (nodes[0].RealTime - busy) / Rest;
        Print(cluster, $"at rest the leader receives {rates[0]:F0} messages a second, a worker {rates[1]:F1}, a driver {rates[2]:F1}; the leader's load is {share:P1}");
        return share;
    }

    /// <summary>Ends an executor every twenty milliseconds, so that each has a schedule of its own.</summary>
    private void MeasureReplacements(SimulatedCluster cluster, ClusterSimulation simulation, double atRest, string when)
    {
        var pause = TimeSpan.FromMilliseconds(20);
        var victims = simulation.Machines.Where(machine => machine.Executors.Any()).SelectMany(machine => machine.Running.Take(1)).Take(Replacements).ToList();
        for (var i = 0; i < victims.Count; i++)
        {
            var victim = victims[i];
            cluster.Schedule(pause * i, () => victim.End(0, DriverState.Finished));
        }

        var (leader, began, busy) = (simulation.Leader, cluster.Now, simulation.Leader.RealTime);
        cluster.RunFor(pause * victims.Count);
        cluster.RunUntil(() => simulation.Applications.TrueForAll(app => app.Executors.Count == 4), Limit);
        var cost = (leader.RealTime - busy - ((cluster.Now - began) * atRest)) / victims.Count;
        Print(cluster, $"an executor that ends and its replacement cost the leader {cost.TotalMilliseconds:F2} ms{when}");
    }

    private TimeSpan ChangeLeader(SimulatedCluster cluster, ClusterSimulation simulation, SimulatedNode client)
    {
        cluster.RunUntil(() => Executors(simulation).Count == simulation.Applications.Count * 4, Limit); // the last replacements run
        var before = Executors(simulation).ToHashSet();
        var busy = simulation.Masters.ToDictionary(master => master, master => master.RealTime);
        var received = simulation.Masters.ToDictionary(master => master, master => master.MessagesReceived);
        simulation.Leader.Crash();
        var crashed = cluster.Now;
        cluster.RunUntil(() => simulation.Applications.TrueForAll(app => app.MastersFound > 0), Limit);
        cluster.Run(() => simulation.StateAsync(client));
        var (pause, leader) = (cluster.Now - crashed, simulation.Leader);
        Print(cluster, $"another master leads {pause.TotalSeconds:F1} s after the first was killed");
        Print(cluster, $"it has received {leader.MessagesReceived - received[leader]} messages meanwhile, and was busy for {Ms(leader, busy[leader])} ms");
        Assert.That(Executors(simulation), Is.EquivalentTo(before));
        return pause;
    }

    private static List<ExecutorKey> Executors(ClusterSimulation simulation) => [.. simulation.Machines.SelectMany(machine => machine.Executors)];

    private static string Ms(SimulatedNode node, TimeSpan before = default) =>
        (node.RealTime - before).TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);

    private void Print(SimulatedCluster cluster, FormattableString what) => TestContext.Out.WriteLine(FormattableString.Invariant(
        $"{what.ToString(CultureInfo.InvariantCulture)} ({cluster.Now.TotalSeconds:F1} s of virtual time, {cluster.Steps} events, {_clock.Elapsed.TotalSeconds:F0} s)"));
}
