#pragma warning disable MA0048 // the faults and their frequencies belong together
namespace Sparkish.Simulation;

/// <summary>The kinds of faults, their relative frequencies and their durations. Zero disables a kind.</summary>
public sealed record ChaosOptions
{
    /// <summary>The mean virtual time from one fault to the next.</summary>
    public TimeSpan MeanPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest that a fault lasts: a cut, a pause, a node that is down.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Two nodes are cut off from each other.</summary>
    public int Cuts { get; init; } = 3;

    /// <summary>One direction between two nodes is cut.</summary>
    public int OneWayCuts { get; init; } = 2;

    /// <summary>One node is cut off from all others.</summary>
    public int Isolations { get; init; } = 1;

    /// <summary>The connections between two nodes are reset.</summary>
    public int Resets { get; init; } = 3;

    /// <summary>A way becomes slow and lossy.</summary>
    public int Disturbances { get; init; } = 2;

    /// <summary>A process is suspended.</summary>
    public int Pauses { get; init; } = 2;

    /// <summary>A node handles messages slowly.</summary>
    public int Slowness { get; init; } = 1;

    /// <summary>A process is killed, and started again.</summary>
    public int Crashes { get; init; } = 2;

    /// <summary>A machine fails, and restarts with its disk.</summary>
    public int MachineLosses { get; init; } = 1;

    /// <summary>The nodes that faults affect; all unless given.</summary>
    public IReadOnlyList<SimulatedNode>? Nodes { get; init; }
}

/// <summary>Injects random faults, drawn from the seed, until it is stopped.</summary>
public sealed class Chaos : IDisposable
{
    private readonly SimulatedCluster _cluster;
    private readonly ChaosOptions _options;
    private readonly Random _random;
    private readonly (int Weight, Action Fault)[] _faults;
    private readonly List<Action> _repairs = [];
    private bool _stopped;

    internal Chaos(SimulatedCluster cluster, ChaosOptions options)
    {
        _cluster = cluster;
        _options = options;
        _random = cluster.NewRandom("chaos");
        _faults =
        [
            (options.Cuts, Cut), (options.OneWayCuts, CutOneWay), (options.Isolations, Isolate), (options.Resets, Reset), (options.Disturbances, Disturb),
            (options.Pauses, Pause), (options.Slowness, SlowDown), (options.Crashes, () => TakeDown(static node => node.Crash())),
            (options.MachineLosses, () => TakeDown(static node => node.LoseMachine())),
        ];
        PlanNext();
    }

    /// <summary>Number of faults so far.</summary>
    public int Faults { get; private set; }

    private IReadOnlyList<SimulatedNode> Nodes => _options.Nodes ?? _cluster.Nodes;

    /// <summary>Injects no more faults and repairs all current ones: links are healed, nodes run.</summary>
    public void Dispose()
    {
        if (_stopped) return;
        _stopped = true;
        foreach (var repair in _repairs.ToList()) repair();
        _cluster.HealAll();
    }

    private void PlanNext() => _cluster.Schedule(-_options.MeanPause * Math.Log(1 - _random.NextDouble()), () =>
    {
        if (_stopped) return;
        Strike();
        PlanNext();
    });

    private void Strike()
    {
        var choice = _random.Next(Math.Max(1, _faults.Sum(fault => fault.Weight)));
        foreach (var (weight, fault) in _faults)
        {
            if ((choice -= weight) >= 0) continue;
            Faults++;
            fault();
            return;
        }
    }

    private void Cut()
    {
        var (a, b) = Pair();
        _cluster.Cut(a, b);
        Repair(() => _cluster.Heal(a, b));
    }

    private void CutOneWay()
    {
        var (from, to) = Pair();
        _cluster.CutOneWay(from, to);
        Repair(() => _cluster.Heal(from, to));
    }

    private void Isolate()
    {
        var node = One();
        _cluster.Isolate(node);
        Repair(() =>
        {
            foreach (var other in _cluster.Nodes.Where(other => other != node)) _cluster.Heal(node, other);
        });
    }

    private void Reset()
    {
        var (a, b) = Pair();
        _cluster.ResetConnections(a, b);
    }

    private void Disturb()
    {
        var (from, to) = Pair();
        _cluster.Disturb(from, to, TimeSpan.FromMilliseconds(_random.Next(500)), _random.NextDouble() * 0.3);
        Repair(() => _cluster.Disturb(from, to, TimeSpan.Zero));
    }

    private void Pause()
    {
        var node = One();
        node.Pause();
        Repair(node.Resume);
    }

    private void SlowDown()
    {
        var node = One();
        node.MessageCost = TimeSpan.FromMilliseconds(_random.Next(1, 50));
        Repair(() => node.MessageCost = TimeSpan.Zero);
    }

    private void TakeDown(Action<SimulatedNode> how)
    {
        var node = One();
        if (!node.IsRunning) return;
        how(node);
        Repair(() =>
        {
            if (!node.IsRunning) node.Start();
        });
    }

    private void Repair(Action repair)
    {
        _repairs.Add(Once);
        _cluster.Schedule(_options.MaxDuration * _random.NextDouble(), Once);

        void Once()
        {
            if (_repairs.Remove(Once)) repair();
        }
    }

    private SimulatedNode One() => Nodes[_random.Next(Nodes.Count)];

    private (SimulatedNode A, SimulatedNode B) Pair()
    {
        var a = _random.Next(Nodes.Count);
        return (Nodes[a], Nodes[(a + 1 + _random.Next(Math.Max(1, Nodes.Count - 1))) % Nodes.Count]);
    }
}
