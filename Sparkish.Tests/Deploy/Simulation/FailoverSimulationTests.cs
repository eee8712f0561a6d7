using Sparkish.Deploy;
using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>Masters, workers and applications in simulation: what must hold whatever fails.</summary>
internal sealed class FailoverSimulationTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Test]
    public void Executors_outlive_their_leader_and_keep_their_numbers()
    {
        var cluster = new SimulatedCluster(seed: 1, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 2, workers: 2);
        var app = simulation.AddApplication(maxCores: 4);
        cluster.RunUntil(() => Executors(simulation).Count == 4 && app.Executors.Count == 4, Soon);
        var before = Executors(simulation);

        simulation.Leader.Crash();
        cluster.RunUntil(() => app.MastersFound > 0, Soon);
        cluster.RunFor(Soon);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Executors(simulation), Is.EquivalentTo(before));
            Assert.That(app.Death, Is.Null);
        }
    }

    [Test]
    public void A_new_leader_goes_on_from_a_snapshot()
    {
        var cluster = new SimulatedCluster(seed: 11, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 2, workers: 2);
        var client = simulation.AddClient("client");
        var app = simulation.AddApplication(maxCores: 3);
        cluster.RunUntil(() => app.Executors.Count == 3, Soon);
        for (var i = 0; i < 20; i++) cluster.Run(() => simulation.SubmitAsync(client, $"driver-{i}", isSupervised: false));
        cluster.RunUntil(() => simulation.Store.HasSnapshot, Soon);
        var before = cluster.Run(() => simulation.StateAsync(client));

        simulation.Leader.Crash();
        cluster.RunUntil(() => app.MastersFound > 0, Soon);

        var after = cluster.Run(() => simulation.StateAsync(client));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(after.ActiveDrivers.Select(driver => driver.Id), Is.EqualTo(before.ActiveDrivers.Select(driver => driver.Id)));
            Assert.That(after.Workers.Select(worker => worker.CoresUsed), Is.EqualTo(before.Workers.Select(worker => worker.CoresUsed)));
            Assert.That(after.ActiveApplications.Select(one => (one.Id, one.Name, one.Cores)),
                Is.EqualTo(before.ActiveApplications.Select(one => (one.Id, one.Name, one.Cores))));
        }
    }

    [Test]
    public void A_new_leader_takes_a_submission_within_five_seconds()
    {
        var cluster = new SimulatedCluster(seed: 2, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 2, workers: 2);
        var app = simulation.AddApplication(maxCores: 2);
        var client = simulation.AddClient("client");
        cluster.RunUntil(() => app.Executors.Count == 2, Soon);

        simulation.Leader.Crash();
        cluster.Run(() => simulation.SubmitAsync(client, "first", isSupervised: false), within: TimeSpan.FromSeconds(5));

        cluster.RunUntil(() => simulation.Machines.Any(machine => machine.Drivers.Any()), Soon);
    }

    [Test]
    public void A_leader_that_stood_still_starts_nothing_when_it_wakes()
    {
        var cluster = new SimulatedCluster(seed: 3, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 2, workers: 1);
        cluster.RunUntil(() => simulation.Store.Entries.Count > 1, Soon);
        var old = simulation.Leader;

        old.Pause();
        var app = simulation.AddApplication(maxCores: 4);
        cluster.RunUntil(() => app.Executors.Count == 4, Soon);
        old.Resume();
        cluster.RunFor(Soon);

        Assert.That(Executors(simulation), Has.Count.EqualTo(4));
        Assert.That(simulation.Leader, Is.Not.EqualTo(old));
    }

    [Test]
    public void A_leader_that_cannot_reach_its_store_ends_itself_before_another_one_leads()
    {
        var cluster = new SimulatedCluster(seed: 12, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 2, workers: 1);
        var app = simulation.AddApplication(maxCores: 2);
        cluster.RunUntil(() => app.Executors.Count == 2, Soon);
        var old = simulation.Leader;
        var term = simulation.Store.LastTerm;

        simulation.Store.CutOff(old);
        cluster.RunUntil(() => simulation.Store.LastTerm > term, Soon);
        var wasRunning = old.IsRunning;
        simulation.Store.Reconnect(old);
        cluster.RunUntil(() => app.MastersFound > 0, Soon);

        Assert.That((wasRunning, app.Death, Executors(simulation).Count), Is.EqualTo((false, (string?)null, 2)));
    }

    [Test]
    public void A_frozen_worker_is_removed_within_five_seconds_and_its_executors_replaced()
    {
        var cluster = new SimulatedCluster(seed: 4, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 3);
        var app = simulation.AddApplication(maxCores: 3);
        cluster.RunUntil(() => app.Executors.Count == 3, Soon);
        var victim = simulation.Workers.Zip(simulation.Machines).First(pair => pair.Second.Executors.Any()).First;
        var before = app.Executors.ToHashSet();

        victim.Pause();

        cluster.RunUntil(() => app.Executors.Except(before).Any(), TimeSpan.FromSeconds(5));
    }

    [Test]
    public void A_worker_that_stands_still_for_three_seconds_is_not_removed()
    {
        var cluster = new SimulatedCluster(seed: 5, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 2);
        var app = simulation.AddApplication(maxCores: 2);
        cluster.RunUntil(() => app.Executors.Count == 2, Soon);
        var before = app.Executors.ToHashSet();

        simulation.Workers[0].Pause();
        cluster.RunFor(TimeSpan.FromSeconds(3));
        simulation.Workers[0].Resume();
        cluster.RunFor(Soon);

        Assert.That(app.Executors, Is.EquivalentTo(before));
    }

    [Test]
    public void A_lost_connection_costs_no_executor_and_no_application()
    {
        var cluster = new SimulatedCluster(seed: 6, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 2);
        var app = simulation.AddApplication(maxCores: 2);
        cluster.RunUntil(() => app.Executors.Count == 2, Soon);
        var before = app.Executors.ToHashSet();

        for (var i = 0; i < 5; i++)
        {
            foreach (var node in cluster.Nodes.Where(node => node != simulation.Masters[0])) cluster.ResetConnections(simulation.Masters[0], node);
            cluster.RunFor(TimeSpan.FromSeconds(1));
        }

        cluster.RunFor(Soon);
        Assert.That((app.Executors, app.Death), Is.EqualTo((before, (string?)null)).UsingPropertiesComparer());
    }

    [Test]
    public void A_master_that_stood_still_removes_no_worker_when_it_wakes()
    {
        var cluster = new SimulatedCluster(seed: 7, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 2);
        var app = simulation.AddApplication(maxCores: 2);
        cluster.RunUntil(() => app.Executors.Count == 2, Soon);
        var before = app.Executors.ToHashSet();

        simulation.Masters[0].Pause();
        cluster.RunFor(TimeSpan.FromSeconds(2)); // shorter than its lease
        simulation.Masters[0].Resume();
        cluster.RunFor(Soon);

        Assert.That(app.Executors, Is.EquivalentTo(before));
    }

    [Test]
    public void A_supervised_driver_whose_worker_is_lost_during_the_failover_runs_once_under_a_new_id()
    {
        var cluster = new SimulatedCluster(seed: 8, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 2, workers: 3);
        var client = simulation.AddClient("client");
        var id = cluster.Run(() => simulation.SubmitAsync(client, "supervised", isSupervised: true));
        cluster.RunUntil(() => simulation.Machines.Any(machine => machine.Drivers.Any()), Soon);
        var (worker, machine) = simulation.Workers.Zip(simulation.Machines).First(pair => pair.Second.Drivers.Any());

        simulation.Leader.Crash();
        cluster.Isolate(worker); // its driver lives
        cluster.RunUntil(() => simulation.Machines.Where(other => other != machine).Any(other => other.Drivers.Any()), Soon);
        cluster.HealAll();
        cluster.RunFor(Soon);

        var running = simulation.Machines.SelectMany(one => one.Drivers).ToList();
        Assert.That(running, Has.Count.EqualTo(1));
        Assert.That(running[0], Is.Not.EqualTo(id));
    }

    [Test]
    public void A_worker_that_registers_twice_during_a_failover_is_one_worker()
    {
        var cluster = new SimulatedCluster(seed: 9, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 2, workers: 1);
        var client = simulation.AddClient("client");
        var app = simulation.AddApplication(maxCores: 4);
        cluster.RunUntil(() => app.Executors.Count == 4, Soon);

        simulation.Leader.Crash();
        for (var i = 0; i < 20; i++)
        {
            foreach (var master in simulation.Masters) cluster.ResetConnections(simulation.Workers[0], master);
            cluster.RunFor(TimeSpan.FromMilliseconds(400));
        }

        cluster.RunFor(Soon);
        var state = cluster.Run(() => simulation.StateAsync(client));
        Assert.That(state.Workers.Select(worker => worker.CoresUsed), Is.EqualTo(new[] { 4 }));
        Assert.That(Executors(simulation), Has.Count.EqualTo(4));
    }

    [Test]
    public void An_unknown_worker_does_not_stall_a_recovery()
    {
        var cluster = new SimulatedCluster(seed: 10, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 2, workers: 3);
        var client = simulation.AddClient("client");
        var app = simulation.AddApplication(maxCores: 2);
        cluster.RunUntil(() => app.Executors.Count == 2, Soon);

        simulation.Workers[2].LoseMachine();
        simulation.Leader.Crash();
        var state = cluster.Run(() => simulation.StateAsync(client), within: TimeSpan.FromSeconds(15));

        Assert.That(state.Workers.Select(worker => worker.State), Is.EqualTo(new[] { "ALIVE", "ALIVE", "DEAD" }));
    }

    [Test]
    public void A_dead_worker_is_listed_until_it_is_forgotten_or_another_takes_its_address()
    {
        var cluster = new SimulatedCluster(seed: 17, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 3);
        var client = simulation.AddClient("client");
        cluster.RunFor(TimeSpan.FromSeconds(5));

        simulation.Workers[0].LoseMachine();
        simulation.Workers[1].LoseMachine();
        cluster.RunFor(TimeSpan.FromSeconds(10));
        var lost = States();
        simulation.Workers[1].Start();
        cluster.RunFor(TimeSpan.FromSeconds(10));
        var returned = States();
        cluster.RunFor(TimeSpan.FromSeconds(60)); // 16 timeouts after the loss

        Assert.That((lost, returned, States()), Is.EqualTo(("ALIVE DEAD DEAD", "ALIVE ALIVE DEAD", "ALIVE ALIVE")));

        string States() => string.Join(' ',
            cluster.Run(() => simulation.StateAsync(client)).Workers.Select(worker => worker.State).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Applications and drivers come and go under every fault. No core is booked twice, and no two nodes write in one term: the machines and the store check
    /// that themselves. After the faults have ended, everything that should run runs, once, and every acknowledged submission is accounted for.
    /// </summary>
    [Test]
    public void Whatever_fails_everything_runs_once_afterwards() =>
        SimulatedCluster.ForSeeds(30, FailoverChaos.Of(ChaosScale.Small), ClusterSimulation.Options, nameof(Whatever_fails_everything_runs_once_afterwards));

    [Test]
    [Long]
    public void Whatever_fails_in_many_seeds_everything_runs_once_afterwards() => SimulatedCluster.ForSeeds(
        RequestedSeeds.Or(300), FailoverChaos.Of(ChaosScale.Small), ClusterSimulation.Options,
        nameof(Whatever_fails_in_many_seeds_everything_runs_once_afterwards));

    [Test]
    [Long]
    public void Whatever_fails_among_a_hundred_workers_everything_runs_once_afterwards() => SimulatedCluster.ForSeeds(
        RequestedSeeds.Or(5), FailoverChaos.Of(ChaosScale.Large), ClusterSimulation.Options,
        nameof(Whatever_fails_among_a_hundred_workers_everything_runs_once_afterwards));

    [Test]
    public void A_driver_that_starts_again_at_its_address_gets_the_cores_of_its_earlier_application()
    {
        var cluster = new SimulatedCluster(seed: 13, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 1);
        var app = simulation.AddApplication(maxCores: 4);
        cluster.RunUntil(() => app.Executors.Count == 4, Soon);

        app.Successor = new SimulatedApplication(maxCores: 4) { Node = app.Node };
        app.Node.Crash();
        app.Node.Start();
        cluster.RunUntil(() => app.Successor.Executors.Count == 4, Soon);

        Assert.That(Executors(simulation).Select(executor => executor.App), Is.All.EqualTo(app.Successor.Id!.Value));
    }

    [Test]
    public void A_killed_driver_ends_although_the_order_was_lost()
    {
        var cluster = new SimulatedCluster(seed: 15, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 1);
        var client = simulation.AddClient("client");
        var id = cluster.Run(() => simulation.SubmitAsync(client, "supervised", isSupervised: true));
        cluster.RunUntil(() => simulation.Machines[0].Drivers.Contains(id), Soon);

        cluster.CutOneWay(simulation.Masters[0], simulation.Workers[0]);
        cluster.Run(() => simulation.KillAsync(client, id));
        cluster.ResetConnections(simulation.Masters[0], simulation.Workers[0]);
        cluster.HealAll();
        cluster.RunFor(Soon);

        Assert.That(simulation.Machines[0].Drivers, Is.Empty);
    }

    [Test]
    public void A_killed_driver_is_not_submitted_again_when_its_worker_is_lost()
    {
        var cluster = new SimulatedCluster(seed: 16, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 2);
        var client = simulation.AddClient("client");
        var id = cluster.Run(() => simulation.SubmitAsync(client, "supervised", isSupervised: true));
        cluster.RunUntil(() => simulation.Machines.Any(machine => machine.Drivers.Contains(id)), Soon);

        simulation.Workers.Zip(simulation.Machines).First(pair => pair.Second.Drivers.Any()).First.LoseMachine();
        cluster.Run(() => simulation.KillAsync(client, id));
        cluster.RunFor(Soon);

        var state = cluster.Run(() => simulation.StateAsync(client));
        Assert.That(state.ActiveDrivers, Is.Empty);
        Assert.That(state.CompletedDrivers.Select(driver => (driver.Id, driver.State)), Is.EqualTo(new[] { (id, DriverState.Killed) }));
    }

    [Test]
    public void A_clock_that_is_set_back_delays_no_executor()
    {
        var cluster = new SimulatedCluster(seed: 14, ClusterSimulation.Options);
        var simulation = new ClusterSimulation(cluster, masters: 1, workers: 1);
        var app = simulation.AddApplication(maxCores: 1);
        cluster.RunUntil(() => app.Executors.Contains(0), Soon);

        cluster.Schedule(TimeSpan.Zero, () => simulation.Machines[0].Running[0].End(1, DriverState.Failed));
        cluster.RunFor(TimeSpan.FromMilliseconds(200)); // the executor is retried half a second after its failure
        simulation.Masters[0].ClockOffset = TimeSpan.FromHours(-2);

        cluster.RunUntil(() => app.Executors.Contains(1), Soon);
    }

    private static List<ExecutorKey> Executors(ClusterSimulation simulation) => [.. simulation.Machines.SelectMany(machine => machine.Executors)];
}
