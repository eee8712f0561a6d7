using Sparkish.Deploy;
using Sparkish.Rpc;
using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>A worker leaves the cluster while masters come and go.</summary>
internal sealed class DecommissionSimulationTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Test]
    public void A_decommission_outlives_the_leader_and_no_executor_counts_as_lost()
    {
        var cluster = new SimulatedCluster(seed: 21, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 2, workers: 2);
        var client = simulation.AddClient("client");
        var app = simulation.AddApplication(maxCores: 4);
        cluster.RunUntil(() => app.Executors.Count == 4, Soon);
        var index = simulation.Machines.FindIndex(one => one.Executors.Any());
        var (worker, machine) = (simulation.Workers[index], simulation.Machines[index]);
        var leaving = machine.Executors.Select(executor => executor.Number).ToArray();

        worker.Env.RefTo(new RpcEndpointAddress(worker.Env.Address, "Worker")).Send(new Sparkish.Deploy.Worker.Worker.DecommissionRequested());
        cluster.RunUntil(() => app.Decommissioned.Count == leaving.Length && app.Executors.Count == 4 + leaving.Length, Soon);
        simulation.Leader.Crash();
        cluster.RunUntil(() => app.MastersFound > 0, Soon);
        cluster.RunFor(Soon);

        var state = cluster.Run(() => simulation.StateAsync(client));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(app.Executors, Is.SupersetOf(leaving), "executors that finish their tasks are not lost");
            Assert.That(state.Workers.Select(one => one.State), Is.EquivalentTo(new[] { "DECOMMISSIONED", "ALIVE" }));
            Assert.That(machine.Executors.Count(), Is.EqualTo(leaving.Length), "and nothing new was started there");
        }

        foreach (var run in machine.Running.ToArray()) run.After(TimeSpan.FromSeconds(1), () => run.End(0, DriverState.Finished));
        cluster.RunUntil(() => !app.Executors.Overlaps(leaving), Soon);
        cluster.RunFor(Soon);

        state = cluster.Run(() => simulation.StateAsync(client));
        Assert.That(state.Workers.Select(one => one.State), Is.EqualTo(new[] { "ALIVE", "DEAD" }), "the worker has left");
    }
}
