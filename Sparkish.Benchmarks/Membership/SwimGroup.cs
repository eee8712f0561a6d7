using System.Collections.Immutable;
using System.Globalization;
using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Membership;

/// <summary>
/// Many nodes of the membership protocol alone, without envs and frames, on virtual time from one seed: thousands of nodes fit into one process. Messages
/// are delayed, lost and cut as datagrams are, which is harder than what connections do; the end of a process is seen by those who exchanged messages with it.
/// </summary>
internal sealed class SwimGroup
{
    private readonly PriorityQueue<Action, (TimeSpan Time, long Order)> _queue = new();
    private readonly HashSet<(int From, int To)> _cuts = [];
    private long _order;
    private int _stepsAtOnce;

    /// <summary>Makes a group; with <paramref name="joined"/> all know all from the start, else they join by the first.</summary>
    public SwimGroup(int size, long seed, SwimOptions? options = null, bool joined = true)
    {
        Random = new Random(unchecked((int)(seed * 2654435761)));
        Options = (options ?? new SwimOptions()) with { Seeds = [Address(0)] };
        Nodes = [.. Enumerable.Range(0, size).Select(index => new SwimNode(this, index))];
        foreach (var node in Nodes) node.Start();
        if (joined) Complete();
    }

    public IReadOnlyList<SwimNode> Nodes { get; }

    public IEnumerable<SwimNode> Running => Nodes.Where(static node => node.IsRunning);

    public TimeSpan Now { get; private set; }

    /// <summary>The chance that a message is lost.</summary>
    public double Loss { get; set; }

    public TimeSpan MaxLatency { get; set; } = TimeSpan.FromMilliseconds(2);

    public long MessagesSent { get; private set; }

    public long Steps { get; private set; }

    /// <summary>Told of each event: who saw it, and what.</summary>
    public Action<SwimNode, MemberEvent>? Observer { get; set; }

    /// <summary>Told of each message that is sent.</summary>
    public Action<SwimNode, RpcAddress, IToMembership>? Tap { get; set; }

    internal SwimOptions Options { get; }

    internal Random Random { get; }

    public static RpcAddress Address(int index) => new($"n{index:00000}", 7077);

    public void Cut(SwimNode from, SwimNode to) => _cuts.Add((from.Index, to.Index));

    public void Heal() => _cuts.Clear();

    public void Run(TimeSpan duration)
    {
        var end = Now + duration;
        while (_queue.TryPeek(out _, out var next) && next.Time <= end)
        {
            var action = _queue.Dequeue();
            Steps++;
            _stepsAtOnce = next.Time == Now ? _stepsAtOnce + 1 : 0;
            if (_stepsAtOnce > 100_000)
                throw new InvalidOperationException(
                    $"Time stands still at {Now}: {string.Join("; ", Running.Where(node => node.State.Due <= Now).Select(node => node.State))}");
            Now = next.Time;
            action();
        }

        Now = end;
    }

    /// <summary>Runs until something holds, looked at ten times a second.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan atMost)
    {
        for (var end = Now + atMost; Now < end && !condition(); Run(TimeSpan.FromMilliseconds(100))) { }
        return condition();
    }

    /// <summary>Whether the views of all running nodes agree with the truth: each lists the running nodes and no other.</summary>
    public bool IsAgreed()
    {
        var running = Running.ToArray();
        return Array.TrueForAll(running, node => node.State.View.Others == running.Length - 1 && node.State.View.Hash == running[0].State.View.Hash)
            && Array.TrueForAll(
                running, node => Array.TrueForAll(
                    running, other => node == other || node.State.View.Members.GetValueOrDefault(other.State.View.Self.Address) is { IsThere: true } entry
                        && entry.Member.Equals(other.State.View.Self)));
    }

    internal void Plan(TimeSpan at, Action action) => _queue.Enqueue(action, (at, _order++));

    internal void Deliver(SwimNode from, RpcAddress to, IToMembership message)
    {
        MessagesSent++;
        Tap?.Invoke(from, to, message);
        var target = Nodes[int.Parse(to.Host.AsSpan(1), CultureInfo.InvariantCulture)];
        if (target.IsLost || _cuts.Contains((from.Index, target.Index)) || (Loss > 0 && Random.NextDouble() < Loss)) return;
        Plan(Now + Latency(from, target), () =>
        {
            if (target.IsRunning)
            {
                from.Peers.Add(target.Index);
                target.Peers.Add(from.Index);
                target.Take(message);
            }
            else if (!target.IsLost && !_cuts.Contains((target.Index, from.Index)))
            {
                Plan(Now + Latency(target, from), () => from.Refused(to));
            }
        });
    }

    /// <summary>The connections of a process end.</summary>
    internal void Disconnect(SwimNode gone)
    {
        foreach (var index in gone.Peers)
        {
            var peer = Nodes[index];
            peer.Peers.Remove(gone.Index);
            if (!_cuts.Contains((gone.Index, index))) Plan(Now + Latency(gone, peer), () => peer.Disconnected(Address(gone.Index)));
        }

        gone.Peers.Clear();
    }

    private TimeSpan Latency(SwimNode from, SwimNode to) => (MaxLatency * Random.NextDouble()) + from.Slowness + to.Slowness;

    private void Complete()
    {
        _queue.Clear();
        var entries = Nodes.Select(static node => new MemberEntry(node.State.View.Self, node.State.View.Incarnation, MemberStatus.Up, default)).ToArray();
        var all = Nodes[0].State.View.Members.AddRange(entries.Select(static entry => KeyValuePair.Create(entry.Member.Address, entry)));
        var hash = entries.Aggregate(0UL, static (hash, entry) => hash ^ entry.Hash);
        foreach (var node in Nodes) node.Know(all, hash);
    }
}
