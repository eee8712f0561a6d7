using System.Collections.Immutable;
using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Membership;

/// <summary>
/// Many nodes of the membership protocol alone, without envs and frames, on virtual time from one seed: thousands of nodes fit into one process. Messages
/// are delayed, lost and cut as datagrams are, which is harder than what connections do.
/// </summary>
internal sealed class SwimGroup
{
    private readonly PriorityQueue<Action, (TimeSpan Time, long Order)> _queue = new();
    private readonly SwimOptions _options;
    private readonly Random _random;
    private readonly HashSet<(int From, int To)> _cuts = [];
    private long _order;
    private int _stepsAtOnce;

    /// <summary>Makes a group; with <paramref name="joined"/> all know all from the start, else they join by the first.</summary>
    public SwimGroup(int size, long seed, SwimOptions? options = null, bool joined = true)
    {
        _random = new Random(unchecked((int)(seed * 2654435761)));
        _options = (options ?? new SwimOptions()) with { Seeds = [Address(0)] };
        Nodes = [.. Enumerable.Range(0, size).Select(index => new SwimNode(this, index))];
        foreach (var node in Nodes) node.Start();
        if (!joined) return;
        Clear();
        var all = Nodes.Select(node => new MemberRumor(node.State.Self, node.State.Incarnation, MemberStatus.Up, node.State.Self.Address)).ToArray();
        foreach (var node in Nodes) node.Know(all);
    }

    public IReadOnlyList<SwimNode> Nodes { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>The chance that a message is lost.</summary>
    public double Loss { get; set; }

    public TimeSpan MaxLatency { get; set; } = TimeSpan.FromMilliseconds(2);

    public long MessagesSent { get; private set; }

    public long RumorsSent { get; private set; }

    /// <summary>Told of each event: who saw it, and what.</summary>
    public Action<SwimNode, MemberEvent>? Observer { get; set; }

    internal SwimOptions Options => _options;

    internal Random Random => _random;

    public static RpcAddress Address(int index) => new($"n{index:00000}", 7077);

    public void Cut(SwimNode from, SwimNode to) => _cuts.Add((from.Index, to.Index));

    public void Heal() => _cuts.Clear();

    public void Run(TimeSpan duration)
    {
        var end = Now + duration;
        while (_queue.TryPeek(out _, out var next) && next.Time <= end)
        {
            var action = _queue.Dequeue();
            _stepsAtOnce = next.Time == Now ? _stepsAtOnce + 1 : 0;
            if (_stepsAtOnce > 100_000) throw new InvalidOperationException($"Time stands still at {Now}: {string.Join("; ", Nodes.Where(node => node.IsRunning && node.State.Due <= Now).Select(node => node.State))}");
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

    internal void Plan(TimeSpan at, Action action) => _queue.Enqueue(action, (at, _order++));

    internal void Deliver(SwimNode from, RpcAddress to, IToMembership message)
    {
        MessagesSent++;
        RumorsSent += message switch { Ping m => m.Rumors.Length, Ack m => m.Rumors.Length, PingRequest m => m.Rumors.Length, _ => 0 };
        var target = Nodes[int.Parse(to.Host.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)];
        if (_cuts.Contains((from.Index, target.Index)) || target.IsLost || (Loss > 0 && _random.NextDouble() < Loss)) return;
        Plan(Now + Latency(), () =>
        {
            if (target.IsRunning) target.Take(message);
            else if (!target.IsLost && !_cuts.Contains((target.Index, from.Index))) Plan(Now + Latency(), () => from.Refused(to));
        });
    }

    internal void Disconnected(SwimNode gone)
    {
        foreach (var node in Nodes.Where(node => node != gone && !_cuts.Contains((gone.Index, node.Index)))) Plan(Now + Latency(), () => node.Disconnected(Address(gone.Index)));
    }

    private TimeSpan Latency() => MaxLatency * _random.NextDouble();

    private void Clear() => _queue.Clear();
}

/// <summary>A node of a <see cref="SwimGroup"/>.</summary>
internal sealed class SwimNode(SwimGroup group, int index)
{
    private readonly SwimEffects _effects = new();
    private readonly Queue<Action> _waiting = new();
    private int _life;
    private TimeSpan _planned = TimeSpan.MaxValue;
    private TimeSpan _pausedUntil;

    public int Index => index;

    public Swim State { get; private set; } = null!;

    public bool IsRunning { get; private set; }

    /// <summary>Whether its machine is gone: nothing is refused, nothing is answered.</summary>
    public bool IsLost { get; private set; }

    public void Start()
    {
        IsRunning = true;
        IsLost = false;
        _life++;
        _waiting.Clear();
        _pausedUntil = TimeSpan.Zero;
        _planned = TimeSpan.MaxValue;
        var self = new Member(SwimGroup.Address(index), _life, $"node {index}", ["worker"], ImmutableDictionary<string, string>.Empty);
        State = Swim.Start(group.Options, self, incarnation: (long)group.Now.TotalMilliseconds + 1, (ulong)group.Random.NextInt64(), group.Now, _effects);
        Apply();
    }

    /// <summary>Kills the process: its connections close, and its address refuses new ones.</summary>
    public void Kill()
    {
        IsRunning = false;
        group.Disconnected(this);
    }

    /// <summary>Takes the machine away: nobody is told anything.</summary>
    public void Lose()
    {
        IsRunning = false;
        IsLost = true;
    }

    /// <summary>Lets the process stand still; what arrives waits, timers fire late.</summary>
    public void Pause(TimeSpan duration)
    {
        if (group.Now + duration <= _pausedUntil) return;
        _pausedUntil = group.Now + duration;
        var life = _life;
        group.Plan(_pausedUntil, () =>
        {
            if (life != _life || !IsRunning) return;
            while (group.Now >= _pausedUntil && _waiting.TryDequeue(out var input)) input();
        });
    }

    public void Leave()
    {
        State = State.Leave(_effects);
        Apply();
        IsRunning = false;
    }

    internal void Know(IEnumerable<MemberRumor> all)
    {
        _planned = TimeSpan.MaxValue;
        State = State.Receive(new FullState(State.Self.Address, IsAnswer: true, [.. all]), group.Now, _effects).Calm();
        _effects.Clear();
        Apply();
    }

    internal void Take(IToMembership message) => Input(() => State = State.Receive(message, group.Now, _effects));

    internal void Refused(RpcAddress address) => Input(() => State = State.OnRefused(address, group.Now, _effects));

    internal void Disconnected(RpcAddress address) => Input(() => State = State.OnDisconnected(address, group.Now, _effects));

    private void Input(Action step)
    {
        if (!IsRunning) return;
        if (group.Now < _pausedUntil)
        {
            _waiting.Enqueue(() => Input(step));
            return;
        }

        step();
        Apply();
    }

    private void Apply()
    {
        foreach (var change in _effects.Events) group.Observer?.Invoke(this, change);
        var sends = _effects.Sends.ToArray();
        _effects.Clear();
        foreach (var (to, message) in sends) group.Deliver(this, to, message);
        var due = State.Due;
        if (due >= _planned || due == TimeSpan.MaxValue) return;
        _planned = due;
        var life = _life;
        group.Plan(due > group.Now ? due : group.Now, () =>
        {
            if (life != _life || _planned != due) return;
            _planned = TimeSpan.MaxValue;
            Input(() => State = State.Advance(group.Now, _effects));
        });
    }
}
