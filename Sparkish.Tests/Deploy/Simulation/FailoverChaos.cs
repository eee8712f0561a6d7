using Sparkish.Deploy;
using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>One random run of a cluster under faults, drawn from its seed, and the checks behind it.</summary>
internal sealed class FailoverChaos
{
    private static readonly TimeSpan Faults = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Healing = TimeSpan.FromMinutes(3);

    private readonly SimulatedCluster _cluster;
    private readonly ClusterSimulation _simulation;
    private readonly Random _random;
    private readonly SimulatedNode _client;
    private readonly Dictionary<DriverId, (string Name, bool IsSupervised)> _submitted = [];
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private FailoverChaos(SimulatedCluster cluster)
    {
        (_cluster, _random) = (cluster, cluster.NewRandom("failover"));
        _simulation = new ClusterSimulation(cluster, masters: _random.Next(1, 6), workers: _random.Next(6, 11)); // enough cores for everything
        _client = _simulation.AddClient("client");
    }

    public static void Run(SimulatedCluster cluster) => new FailoverChaos(cluster).Run();

    private void Run()
    {
        var chaos = _cluster.StartChaos(new ChaosOptions { Nodes = [.. _simulation.Masters, .. _simulation.Workers], MeanPause = TimeSpan.FromSeconds(1) });
        CutMastersFromTheStore();
        for (var i = 0; i < 4; i++) After(() => _simulation.AddApplication(_random.Next(1, 4)));
        for (var i = 0; i < 3; i++) Submit($"supervised-{i}", isSupervised: true);
        for (var i = 0; i < 2; i++) Submit($"once-{i}", isSupervised: false);
        After(KillADriver);
        _cluster.RunFor(Faults);

        chaos.Dispose();
        foreach (var master in _simulation.Masters) _simulation.Store.Reconnect(master);
        var end = _cluster.Now + Healing;
        while (_cluster.Now < end && !IsSettled()) _cluster.RunFor(TimeSpan.FromSeconds(1));
        _cluster.RunFor(TimeSpan.FromSeconds(20)); // it stays so
        CheckAll();
    }

    private void After(Action action) => _cluster.Schedule(Faults * _random.NextDouble(), action);

    private void Submit(string name, bool isSupervised)
    {
        _asked.Add(name);
        After(() => _ = SubmitAsync(name, isSupervised));
    }

    private async Task SubmitAsync(string name, bool isSupervised)
    {
        try
        {
            _submitted[await _simulation.SubmitAsync(_client, name, isSupervised)] = (name, isSupervised);
        }
        catch (Exception error)
        {
            _cluster.Fail(error);
        }
    }

    private void CutMastersFromTheStore()
    {
        foreach (var master in _simulation.Masters)
        {
            After(() =>
            {
                _simulation.Store.CutOff(master);
                _cluster.Schedule(TimeSpan.FromSeconds(8), () => _simulation.Store.Reconnect(master));
            });
        }
    }

    /// <summary>Kills the process of an application: its executors must end.</summary>
    private void KillADriver()
    {
        if (_cluster.Nodes.FirstOrDefault(node => node.Name == "driver-1") is not { IsRunning: true } node) return;
        node.Crash();
        _simulation.Applications[0].IsKilled = true;
    }

    private bool IsSettled() => !Problems().Any();

    private void CheckAll()
    {
        var (used, all) = (_simulation.Machines.Sum(machine => machine.CoresUsed), _simulation.Machines.Count * ClusterSimulation.CoresPerWorker);
        _cluster.Check(!Problems().Any(), $"{string.Join('\n', Problems())}\n{used} of {all} cores are used.");
        _cluster.RunFor(TimeSpan.Zero);
        var state = _cluster.Run(() => _simulation.StateAsync(_client));
        foreach (var (id, (name, isSupervised)) in _submitted)
        {
            var isKnown = state.ActiveDrivers.Concat(state.CompletedDrivers).Any(driver => driver.Id == id);
            _cluster.Check(isKnown, $"{id} ({name}, supervised: {isSupervised}) was acknowledged, and the master does not know it.");
        }

        _cluster.RunFor(TimeSpan.Zero);
    }

    /// <summary>What does not run and should, or runs and should not.</summary>
    private IEnumerable<string> Problems()
    {
        foreach (var name in _asked.Except(_submitted.Values.Select(submitted => submitted.Name))) yield return $"Driver {name} was never accepted.";
        foreach (var app in _simulation.Applications)
        {
            var running = app.Id is { } id ? _simulation.Machines.SelectMany(machine => machine.Executors).Count(executor => executor.App == id) : 0;
            var expected = app.IsKilled || app.Death is not null ? 0 : app.MaxCores;
            if (running != expected) yield return $"{app} should have {expected} executors, and has {running}.";
            else if (expected > 0 && app.Executors.Count != expected) yield return $"{app} knows of {app.Executors.Count} executors, and has {running}.";
        }

        var drivers = _simulation.Machines.SelectMany(machine => machine.Running).Where(run => run.Driver is not null).ToList();
        foreach (var name in _submitted.Values.Where(submitted => submitted.IsSupervised).Select(submitted => submitted.Name))
        {
            if (!drivers.Exists(run => run.Name == name)) yield return $"Driver {name} is supervised and does not run.";
        }

        var twice = drivers.GroupBy(run => run.Driver).FirstOrDefault(same => same.Count() > 1);
        if (twice is not null) yield return $"{twice.Key} runs {twice.Count()} times.";
    }
}
