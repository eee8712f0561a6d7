using Sparkish.Benchmarks.Membership;
using Sparkish.Membership;
using Sparkish.Rpc;

namespace Sparkish.Tests.Membership;

/// <summary>A group of 3 to 200 nodes that is struck by faults of all kinds, all from one seed, and must agree with the truth afterwards.</summary>
internal sealed class SwimFaults
{
    private readonly Random _random;
    private readonly SwimGroup _group;
    private readonly HashSet<int> _left = [];
    private readonly Dictionary<(Member Seer, RpcAddress Seen), bool> _told = [];
    private long _trace = 17;

    private SwimFaults(long seed)
    {
        _random = new Random(unchecked((int)seed));
        var size = seed % 20 == 0 ? _random.Next(25, 201) : _random.Next(3, 25);
        var isJoined = _random.Next(2) == 0;
        _group = new SwimGroup(size, seed, joined: isJoined) { Observer = OnEvent };
        if (!isJoined) return;
        foreach (var seer in _group.Nodes)
        {
            foreach (var seen in _group.Nodes) _told[(seer.State.View.Self, seen.State.View.Self.Address)] = true;
        }
    }

    /// <summary>Runs a seed.</summary>
    /// <returns>A hash of all events and of when they were seen.</returns>
    public static long Run(long seed)
    {
        var run = new SwimFaults(seed);
        for (var fault = 0; fault < 15; fault++)
        {
            run.Strike();
            run._group.Run(TimeSpan.FromSeconds(6 * run._random.NextDouble()));
        }

        run.Mend();
        Assert.That(run._group.RunUntil(run._group.IsAgreed, TimeSpan.FromMinutes(5)), Is.True, () => run.Describe(seed));
        run._group.Run(TimeSpan.FromMinutes(1));
        Assert.That(run._group.IsAgreed(), Is.True, () => "after a quiet minute: " + run.Describe(seed));
        run.CheckEvents();
        return run._trace;
    }

    private void Strike()
    {
        var node = _group.Nodes[_random.Next(_group.Nodes.Count)];
        var other = _group.Nodes[_random.Next(_group.Nodes.Count)];
        switch (_random.Next(11))
        {
            case 0 when node.IsRunning: node.Kill(); break;
            case 1 when node.IsRunning: node.Lose(); break;
            case 2 when !node.IsRunning && !_left.Contains(node.Index): node.Start(); break;
            case 3 when node.IsRunning: node.Pause(TimeSpan.FromSeconds(10 * _random.NextDouble())); break;
            case 4: _group.Cut(node, other); break;
            case 5: Part(bothWays: true); break;
            case 6: Part(bothWays: false); break;
            case 7: _group.Heal(); break;
            case 8: _group.Loss = 0.3 * _random.NextDouble(); break;
            case 9: node.Slowness = TimeSpan.FromMilliseconds(_random.Next(2) * _random.Next(400)); break;
            case 10 when node.IsRunning && node.Index != 0 && _random.Next(3) == 0:
                node.Leave();
                _left.Add(node.Index);
                break;
            default: break;
        }
    }

    private void Part(bool bothWays)
    {
        var half = _random.Next(_group.Nodes.Count);
        foreach (var a in _group.Nodes)
        {
            foreach (var b in _group.Nodes)
            {
                if (a.Index < half && b.Index >= half) _group.Cut(a, b);
                if (bothWays && a.Index >= half && b.Index < half) _group.Cut(a, b);
            }
        }
    }

    /// <summary>The network heals, and some of the dead come back, the seed among them.</summary>
    private void Mend()
    {
        _group.Heal();
        _group.Loss = 0;
        foreach (var node in _group.Nodes)
        {
            node.Slowness = TimeSpan.Zero;
            if (!node.IsRunning && !_left.Contains(node.Index) && (node.Index == 0 || _random.Next(2) == 0)) node.Start();
        }
    }

    private void OnEvent(SwimNode seer, MemberEvent change)
    {
        _trace = unchecked((_trace * 1_000_003) ^ _group.Now.Ticks ^ (seer.Index * 7919) ^ (change.Member.Uid * 31) ^ change.GetType().Name.Length);
        if (change is not MemberSuspected) _told[(seer.State.View.Self, change.Member.Address)] = change is MemberUp;
    }

    /// <summary>Who only listens to events knows the same as who looks.</summary>
    private void CheckEvents()
    {
        var there = _group.Running.Select(static node => node.State.View.Self.Address).ToArray();
        foreach (var seer in _group.Running)
        {
            var told = _told.Where(pair => pair.Key.Seer.Equals(seer.State.View.Self) && pair.Value)
                .Select(static pair => pair.Key.Seen).Append(seer.State.View.Self.Address).Distinct();
            Assert.That(told, Is.EquivalentTo(there), () => $"events of {seer.Index}");
        }
    }

    private string Describe(long seed) =>
        $"seed {seed}, {_group.Nodes.Count} nodes, {_group.Running.Count()} run at {_group.Now}: " + string.Join("; ", _group.Running.Select(node =>
        $"{node.Index} sees {node.State.View.Others} others, {string.Join(",", node.State.View.Members.Values.Where(entry => entry.Status != MemberStatus.Up).Select(entry => $"{entry.Member.Address.Host} {entry.Status}"))}"));
}
