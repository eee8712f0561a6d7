using System.Collections.Immutable;
using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Membership;

/// <summary>A node of a <see cref="SwimGroup"/>.</summary>
internal sealed class SwimNode(SwimGroup group, int index)
{
    /// <summary>How long a process that leaves still answers.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(200);

    private readonly SwimEffects _effects = new();
    private readonly Queue<Action> _waiting = new();
    private int _life;
    private TimeSpan _planned = TimeSpan.MaxValue;
    private TimeSpan _pausedUntil;

    public int Index => index;

    public Swim State { get; private set; } = null!;

    /// <summary>Whether it takes part; one that has left does not.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Whether its machine is gone: nothing is refused, nothing is answered.</summary>
    public bool IsLost { get; private set; }

    /// <summary>How much longer its messages take, in both directions.</summary>
    public TimeSpan Slowness { get; set; }

    /// <summary>Those it has connections with.</summary>
    internal HashSet<int> Peers { get; } = [];

    public void Start()
    {
        group.Disconnect(this);
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
        group.Disconnect(this);
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

    /// <summary>Leaves in good order; the process ends a moment later.</summary>
    public void Leave()
    {
        State = State.Leave(_effects);
        Apply();
        var life = _life;
        IsRunning = false;
        group.Plan(group.Now + Linger, () =>
        {
            if (life == _life) group.Disconnect(this);
        });
    }

    internal void Know(ImmutableSortedDictionary<RpcAddress, MemberEntry> all, ulong hash)
    {
        _planned = TimeSpan.MaxValue;
        State = State.Knowing(all, hash);
        _effects.Clear();
        Apply();
    }

    internal void Take(IToMembership message) => Input(() =>
    {
        if (State.IsMeant(message)) State = State.Receive(message, group.Now, _effects);
    });

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
        if (group.Observer is { } observer)
        {
            foreach (var change in _effects.Events) observer(this, change);
        }

        foreach (var (to, message) in _effects.Sends) group.Deliver(this, to, (MembershipMessage)message with { Label = State.LabelFor(to) });
        _effects.Clear();
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
