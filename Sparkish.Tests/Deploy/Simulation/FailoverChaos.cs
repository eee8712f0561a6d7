using Sparkish.Deploy;
using Sparkish.Rpc;
using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>One random run of a cluster under faults, drawn from its seed, and the checks behind it.</summary>
internal sealed class FailoverChaos
{
    private static readonly TimeSpan Healing = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(9); // twice the time after which silence has consequences

    private readonly SimulatedCluster _cluster;
    private readonly ChaosScale _scale;
    private readonly ClusterSimulation _simulation;
    private readonly Random _random;
    private readonly SimulatedNode _client;
    private readonly Dictionary<DriverId, (string Name, bool IsSupervised)> _submitted = [];
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _over = new(StringComparer.Ordinal);

    private FailoverChaos(SimulatedCluster cluster, ChaosScale scale)
    {
        (_cluster, _scale, _random) = (cluster, scale, cluster.NewRandom("failover"));
        _simulation = new ClusterSimulation(cluster, _random.Next(1, 6), ChaosScale.Draw(_random, scale.Workers), scale.EventsPerSnapshot);
        _client = _simulation.AddClient("client");
    }

    private int CoresFree => _simulation.Machines.Sum(machine => ClusterSimulation.CoresPerWorker - machine.CoresUsed);

    public static Action<SimulatedCluster> Of(ChaosScale scale) => cluster => new FailoverChaos(cluster, scale).Run();

    private void Run()
    {
        var chaos = _cluster.StartChaos(new ChaosOptions { Nodes = [.. _simulation.Masters, .. _simulation.Workers], MeanPause = _scale.MeanPause });
        PlanFaultsOfTheStore();
        PlanFaultsOfWorkers();
        for (var i = ChaosScale.Draw(_random, _scale.Applications); i > 0; i--) After(AddApplication);
        for (var i = 0; i < _scale.Drivers; i++) Submit(i);
        _cluster.RunFor(_scale.Faults);

        chaos.Dispose();
        _simulation.Store.Slowness = TimeSpan.Zero;
        foreach (var master in _simulation.Masters) _simulation.Store.Reconnect(master);
        var end = _cluster.Now + Healing;
        while (_cluster.Now < end && Problems().Any()) _cluster.RunFor(TimeSpan.FromSeconds(1));
        _cluster.RunFor(Calm); // it stays so
        CheckAll();
    }

    private void After(Action action) => _cluster.Schedule(_scale.Faults * _random.NextDouble(), action);

    /// <summary>An application that stays, signs off, is killed, or is killed and started again at its address.</summary>
    private void AddApplication()
    {
        var app = _simulation.AddApplication(_random.Next(1, 4));
        var fate = _random.Next(8);
        if (fate > 3) return;
        _cluster.Schedule((_scale.Faults - _cluster.Now) * _random.NextDouble(), () =>
        {
            if (!app.Node.IsRunning) return;
            if (fate < 2)
            {
                Watch(ClusterSimulation.StopAsync(app));
                return;
            }

            app.IsKilled = true;
            app.Node.Crash();
            if (fate == 2) return;
            app.Successor = new SimulatedApplication(app.MaxCores) { Node = app.Node };
            _simulation.Applications.Add(app.Successor);
            app.Node.Start();
        });
    }

    /// <summary>A driver that is supervised, ends by itself, or is killed by its submitter.</summary>
    private void Submit(int number)
    {
        var (kind, isSupervised) = (number % 4, number % 4 < 2);
        var name = $"driver-{number}-{(kind switch { 0 or 1 => "supervised", 2 => "ends", _ => "killed" })}";
        if (isSupervised) _asked.Add(name);
        After(() => Watch(SubmitAsync(name, isSupervised, isKilled: kind == 3)));
        if (kind == 2) After(() => EndDriver(name));
    }

    private async Task SubmitAsync(string name, bool isSupervised, bool isKilled)
    {
        var id = await _simulation.SubmitAsync(_client, name, isSupervised);
        _submitted[id] = (name, isSupervised);
        if (isKilled) await _simulation.KillAsync(_client, id);
        if (isKilled) _over.Add(name);
    }

    private void EndDriver(string name)
    {
        foreach (var machine in _simulation.Machines)
            machine.Running.Find(run => string.Equals(run.Name, name, StringComparison.Ordinal))?.End(0, DriverState.Finished);
    }

    private void Watch(Task task) => _ = WatchAsync(task);

    private async Task WatchAsync(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _cluster.Fail(error);
        }
    }

    private void PlanFaultsOfTheStore()
    {
        foreach (var master in _simulation.Masters)
        {
            After(() =>
            {
                _simulation.Store.CutOff(master);
                _cluster.Schedule(TimeSpan.FromSeconds(8), () => _simulation.Store.Reconnect(master));
            });
        }

        After(() =>
        {
            foreach (var master in _simulation.Masters) _simulation.Store.CutOff(master);
            _cluster.Schedule(TimeSpan.FromSeconds(4), () => _simulation.Masters.ForEach(_simulation.Store.Reconnect));
        });
        After(() =>
        {
            _simulation.Store.Slowness = TimeSpan.FromSeconds(_random.NextDouble());
            _cluster.Schedule(TimeSpan.FromSeconds(5), () => _simulation.Store.Slowness = TimeSpan.Zero);
        });
    }

    /// <summary>Executors that fail, clocks that are set, and messages that arrive twice or too late.</summary>
    private void PlanFaultsOfWorkers()
    {
        for (var i = 0; i < _simulation.Workers.Count; i++)
        {
            var (worker, machine) = (_simulation.Workers[i], _simulation.Machines[i]);
            After(() => machine.Running.Find(run => run.Executor is not null)?.End(_random.Next(2), DriverState.Failed));
            After(() => SendAgain(worker, machine));
            After(() => SendAgain(worker, machine));
        }

        for (var i = 0; i < 4; i++)
        {
            After(() =>
            {
                var node = _random.Next(2) == 0 ? One(_simulation.Masters) : One(_simulation.Workers);
                node.ClockOffset = TimeSpan.FromHours((_random.NextDouble() * 4) - 2);
            });
        }
    }

    /// <summary>Sends to all masters what this worker has said before, as if an answer had been lost or a network were slow.</summary>
    private void SendAgain(SimulatedNode worker, SimulatedMachine machine)
    {
        if (!worker.IsRunning || worker.IsPaused || !_simulation.Watch.Workers.TryGetValue(worker.Name, out var id)) return;
        var self = worker.Env.RefTo(new RpcEndpointAddress(worker.Env.Address, Sparkish.Deploy.Worker.Worker.EndpointName));
        foreach (var address in _simulation.Addresses)
        {
            var master = worker.Env.RefTo(new RpcEndpointAddress(address, Sparkish.Deploy.Master.Master.EndpointName));
            master.Send(new Heartbeat(id, self, default));
            foreach (var key in machine.Executors)
                Watch(AskAsync(master, new ExecutorStateChanged(id, key.App, key.Number, ExecutorState.Running, null, null)));
            foreach (var run in machine.Ended) Watch(AskAsync(master, run.Executor is { } key
                ? new ExecutorStateChanged(id, key.App, key.Number, ExecutorState.Exited, "again", 1)
                : new DriverStateChanged(id, run.Driver!.Value, DriverState.Failed, "again")));
        }
    }

    private static async Task AskAsync(RpcEndpointRef master, object report)
    {
        try
        {
            await master.AskAsync<bool>(report).ConfigureAwait(false);
        }
        catch (SparkException)
        {
            // It does not lead, or cannot be reached.
        }
    }

    private T One<T>(List<T> all) => all[_random.Next(all.Count)];

    private void CheckAll()
    {
        var problems = string.Join('\n', Problems());
        _cluster.Check(problems.Length == 0, $"{problems}\n{CoresFree} cores of {_simulation.Machines.Count} workers are free.");
        _cluster.RunFor(TimeSpan.Zero);
        var state = _cluster.Run(() => _simulation.StateAsync(_client));
        foreach (var (id, (name, isSupervised)) in _submitted)
        {
            var isKnown = state.ActiveDrivers.Concat(state.CompletedDrivers).Any(driver => driver.Id == id);
            _cluster.Check(isKnown, $"{id} ({name}, supervised: {isSupervised}) was acknowledged, and the master does not know it.");
        }

        var active = state.ActiveApplications.Select(app => app.Id).ToHashSet();
        foreach (var app in _simulation.Applications.Where(app => app is { Id: not null, IsWanted: true }))
            _cluster.Check(active.Contains(app.Id!.Value), $"{app} was acknowledged, and the master does not know it.");
        CheckCores(state, active);
        _cluster.RunFor(TimeSpan.Zero);
    }

    /// <summary>The master and the machines agree about each core.</summary>
    private void CheckCores(MasterStateResponse state, HashSet<Sparkish.Deploy.ApplicationId> active)
    {
        var workers = state.Workers.Where(worker => worker.State == "ALIVE").ToLookup(worker => worker.Host, StringComparer.Ordinal);
        foreach (var (node, machine) in _simulation.Workers.Zip(_simulation.Machines))
        {
            var booked = workers[node.Name].Select(worker => worker.CoresUsed).ToList();
            _cluster.Check(booked is [var cores] && cores == machine.CoresUsed,
                $"{node} runs {machine.CoresUsed} cores: {string.Join(", ", machine.Running)}. The master has booked {string.Join(" and ", booked)} there.");
            foreach (var key in machine.Executors) _cluster.Check(active.Contains(key.App), $"{key} runs on {node}, and its application is over.");
        }
    }

    /// <summary>What does not run and should, or runs and should not. What waits for a core may wait while none is free.</summary>
    private IEnumerable<string> Problems()
    {
        foreach (var name in _asked.Except(_submitted.Values.Select(submitted => submitted.Name))) yield return $"Driver {name} was never accepted.";
        foreach (var app in _simulation.Applications)
        {
            var running = app.Id is { } id ? _simulation.Machines.SelectMany(machine => machine.Executors).Count(executor => executor.App == id) : 0;
            var expected = app.IsWanted ? app.MaxCores : 0;
            var mayWait = app.Id is not null && running < expected && CoresFree == 0;
            if (running != expected && !mayWait) yield return $"{app} should have {expected} executors, and has {running}.";
            else if (expected > 0 && app.Executors.Count != running) yield return $"{app} knows of {app.Executors.Count} executors, and has {running}.";
        }

        var drivers = _simulation.Machines.SelectMany(machine => machine.Running).Where(run => run.Driver is not null).ToList();
        foreach (var name in _submitted.Values.Where(submitted => submitted.IsSupervised).Select(submitted => submitted.Name))
        {
            if (!drivers.Exists(run => run.Name == name) && CoresFree > 0) yield return $"Driver {name} is supervised and does not run.";
        }

        foreach (var (id, (name, _)) in _submitted.Where(submitted => _over.Contains(submitted.Value.Name)))
        {
            if (drivers.Exists(run => run.Driver == id)) yield return $"{id} ({name}) was killed and runs.";
        }

        var twice = drivers.GroupBy(run => run.Driver).FirstOrDefault(same => same.Count() > 1);
        if (twice is not null) yield return $"{twice.Key} runs {twice.Count()} times.";
    }
}
