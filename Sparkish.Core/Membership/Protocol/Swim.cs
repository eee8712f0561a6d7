using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>
/// One node's side of SWIM (Das, Gupta, Motivala, 2002) with Lifeguard's refinements (Dadgar, Phillips, Currey, 2017), as an immutable value. A step takes an
/// event and the time, returns the next state, and lists messages and events to send. It has no clock, no env, and only its own source of randomness.
/// </summary>
/// <remarks>
/// It has four parts, each a value with one subject: <see cref="SwimView"/> is the view, <see cref="SwimProber"/> probes, <see cref="SwimGossip"/> spreads
/// rumors, <see cref="SwimSync"/> compares views. Each part reads the others and changes only itself. Changes to another part go through the
/// <see cref="SwimStep"/>, and <see cref="Settle"/> applies them there.
/// </remarks>
internal sealed record Swim
{
    public required SwimOptions Options { get; init; }

    public required SwimView View { get; init; }

    public required SwimProber Prober { get; init; }

    public required SwimSync Sync { get; init; }

    public SwimGossip Gossip { get; init; } = new();

    public bool HasLeft { get; private init; }

    private SwimRandom Random { get; init; }

    private long NextNumber { get; init; }

    /// <summary>Creates a node that knows only itself, and its first messages to the seeds.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="self">The node.</param>
    /// <param name="incarnation">More than in any earlier life: the time of the start.</param>
    /// <param name="seed">The seed of its randomness.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives the effects to carry out.</param>
    public static Swim Start(SwimOptions options, Member self, long incarnation, ulong seed, TimeSpan now, SwimEffects effects)
    {
        // Replies to an earlier life's probes are ignored.
        var step = new SwimStep(options, now, new SwimRandom(seed), nextNumber: incarnation << 20, effects);
        var phase = TimeSpan.FromMilliseconds(step.Next((int)options.ProbeInterval.TotalMilliseconds));
        var view = SwimView.Of(self, incarnation);
        step.Raise(new MemberUp(self));
        return new Swim { Options = options, View = view, Prober = new SwimProber { NextProbe = now + phase }, Sync = SwimSync.Start(view, step) }.End(step);
    }

    /// <summary>The time by which <see cref="Advance"/> must be called.</summary>
    public TimeSpan Due => HasLeft ? TimeSpan.MaxValue : Earlier(Earlier(Prober.Due, Sync.Due), Earlier(Gossip.Due, View.SuspicionDue(Options)));

    /// <summary>Carries out what is due at a time.</summary>
    public Swim Advance(TimeSpan now, SwimEffects effects)
    {
        if (HasLeft) return this;
        var step = Begin(now, effects);
        var state = Awake(now);
        state = state.With(state.Prober.CheckProbe(state.View, step, out var missed), step);
        if (missed is not null) state = state.With(state.View.Missed(missed, step), step);
        state = state.With(state.Prober.CheckRelays(state.View, step), step);
        state = state.With(state.View.CheckSuspects(step), step);
        state = state.With(state.Prober.CheckClosed(state.View, step), step);
        if (now >= state.Prober.NextProbe) state = state with { Sync = state.Sync.Look(state.View, step) };
        state = state.With(state.Prober.StartProbe(state.View, step), step);
        return state.Compare(step).Spread(step).End(step);
    }

    /// <summary>Processes a message.</summary>
    public Swim Receive(IToMembership message, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft) return this;
        var step = Begin(now, effects);
        var state = Awake(now).Hear(message, step);
        if (state.View.HasYielded) return state.End(step) with { HasLeft = true };
        switch (message)
        {
            case Ping m: SwimProber.OnPing(m, state.View, step); break;
            case Ack m: state = state with { Prober = state.Prober.OnAck(m, state.View, step) }; break;
            case PingRequest m: state = state with { Prober = state.Prober.OnPingRequest(m, state.View, step) }; break;
            case Nack m: state = state with { Prober = state.Prober.OnNack(m) }; break;
            case Digest m: state.Sync.OnDigest(m, state.View, step); break;
            case FullState m: SwimSync.OnFullState(m, state.View, step); break;
            case News: break;
            default: throw new InvalidOperationException($"{message.GetType().Name} is not a membership message.");
        }

        return state.Settle(step).Spread(step).End(step);
    }

    /// <summary>Called when a connection to a node has ended: the node is probed soon.</summary>
    public Swim OnDisconnected(RpcAddress address, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft || Prober.IsChecked(address) || View.There(address) is null) return this;
        var step = Begin(now, effects);
        var state = Awake(now);
        return state.With(state.Prober.OnDisconnected(address, state.View, step), step).Spread(step).End(step);
    }

    /// <summary>Called when a connection to a node was refused: its process is gone, or a new one has not started yet.</summary>
    public Swim OnRefused(RpcAddress address, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft || View.There(address) is not { } entry) return this;
        var step = Begin(now, effects);
        var isFirst = entry.Suspicion?.Refused.Contains(Self.Address) is not true;
        var state = Awake(now);
        state = state.With(state.View.Missed(new MissedAnswer(address, "it refuses connections", now, [], IsRefused: true), step), step);
        if (isFirst && state.View.There(address) is { } refused) state.Prober.CallWitnesses(refused, state.View, step);
        return state.Settle(step).Spread(step).End(step);
    }

    /// <summary>Changes the metadata of this node under a new incarnation, so that it overrides the previous metadata.</summary>
    public Swim Update(IReadOnlyDictionary<string, string> metadata, SwimEffects effects)
    {
        if (HasLeft) return this;
        var step = Begin(now: default, effects);
        var state = With(View.Renewed(Self with { Metadata = metadata }, step), step);
        step.Raise(new MemberUp(state.Self));
        return state.End(step);
    }

    /// <summary>
    /// Announces to some nodes, which tell the others, that this node is alive: for a node that cannot read messages now, and so cannot reply. It suspects no
    /// node meanwhile: <see cref="Advance"/> must be called again when it reads messages, and treats the time between as a pause.
    /// </summary>
    public Swim SpeakUp(SwimEffects effects)
    {
        if (HasLeft) return this;
        var step = Begin(now: default, effects);
        var state = With(View.Renewed(Self, step), step);
        SwimGossip.SpeakUp(state.View, state.Prober.Round, step);
        return state.End(step);
    }

    /// <summary>Announces the departure to other nodes, each of which answers with an <see cref="Ack"/>; nothing happens afterwards.</summary>
    public Swim Leave(SwimEffects effects)
    {
        if (HasLeft) return this;
        var step = Begin(now: default, effects);
        SwimGossip.SayGoodbye(View, Prober.Round, step);
        step.Raise(new MemberLeft(Self));
        return End(step) with { HasLeft = true };
    }

    /// <summary>Returns the same state without one of the seeds, which is this node itself under another name.</summary>
    public Swim WithoutSeed(RpcAddress alias) => this with { Options = Options with { Seeds = [.. Options.Seeds.Where(seed => seed != alias)] } };

    /// <summary>
    /// Returns the process that this node's messages to an address are meant for: the known one. A seed is meant whichever process it is, since groups find
    /// each other through seeds.
    /// </summary>
    public GroupLabel LabelFor(RpcAddress to) =>
        new(Options.Cluster, !Options.Seeds.Contains(to) && View.Members.TryGetValue(to, out var entry) ? entry.Member.Uid : 0);

    /// <summary>
    /// Whether a message is meant for this node. A message for another process at its address is accepted only from its own group: another group may have
    /// released the address to this one.
    /// </summary>
    public bool IsMeant(IToMembership message) =>
        string.Equals(message.Label.Group ?? "", Options.Cluster, StringComparison.Ordinal)
        && (message.Label.Receiver == 0 || message.Label.Receiver == Self.Uid || View.Members.ContainsKey(message.From));

    /// <summary>Creates a node that knows a whole group at once, as if it had heard of it long ago; for groups that are created complete.</summary>
    /// <param name="all">The group, including this node; nodes share the common state in memory.</param>
    /// <param name="hash">The hash of all.</param>
    public Swim Knowing(ImmutableSortedDictionary<RpcAddress, MemberEntry> all, ulong hash) => this with
    {
        View = View.Knowing(all, hash),
        Gossip = Gossip.Silent(),
    };

    private Member Self => View.Self;

    private SwimStep Begin(TimeSpan now, SwimEffects effects) => new(Options, now, Random, NextNumber, effects);

    private Swim End(SwimStep step) => Settle(step) with { Random = step.Random, NextNumber = step.NextNumber };

    private Swim With(SwimView view, SwimStep step) => (this with { View = view }).Settle(step);

    private Swim With(SwimProber prober, SwimStep step) => (this with { Prober = prober }).Settle(step);

    /// <summary>Applies the changes that one part has for another, and then passes the messages to the driver.</summary>
    private Swim Settle(SwimStep step)
    {
        var (prober, gossip) = (Prober, Gossip);
        foreach (var change in step.TakeChanges())
        {
            switch (change)
            {
                case ViewChange.News c: gossip = gossip.Tell(c.Rumor); break;
                case ViewChange.Met c: prober = prober.Enlist(c.Address, step); break;
                case ViewChange.Revived c when c.Death.Since <= View.DiedAt: break; // this node was cut off then, and the other one was not
                case ViewChange.Revived c: SwimGossip.TellOfDeath(c.Death, View, step); break;
                case ViewChange.CutOff: gossip = gossip.CutOff(); break;
                case ViewChange.Accused: prober = prober.Accused(Options); break;
                default: throw new InvalidOperationException($"{change.GetType().Name} is not a change of the view.");
            }
        }

        gossip = gossip.Emit(View, step);
        return ReferenceEquals(gossip, Gossip) && ReferenceEquals(prober, Prober) ? this : this with { Prober = prober, Gossip = gossip };
    }

    private Swim Hear(IToMembership message, SwimStep step)
    {
        ImmutableArray<MemberRumor> rumors = message switch
        {
            Ping m => m.Rumors,
            Ack m => m.Rumors,
            PingRequest m => m.Rumors,
            News m => m.Rumors,
            FullState m => m.Rumors,
            _ => [],
        };
        var isWelcome = message is FullState && View.Others == 0;
        var state = this;
        var isDoubted = View.Doubts(message.From, step.Now);
        foreach (var rumor in rumors) state = state.With(state.View.Hear(rumor, isSync: message is FullState, step, isDoubted), step);
        return isWelcome ? state with { Gossip = state.Gossip.Welcomed(state.View) } : state;
    }

    private Swim Compare(SwimStep step)
    {
        if (step.Now < Sync.Due) return this;
        var view = View.Forget(step);
        return (this with { View = view, Sync = Sync.Run(view, Prober.Round, step) }).Settle(step);
    }

    private Swim Spread(SwimStep step) => (this with { Gossip = Gossip.Spread(View, Prober.Round, step) }).Settle(step);

    /// <summary>
    /// A process that was suspended must not blame other nodes for its own silence: all its pending timeouts are extended by the time in which it read nothing.
    /// </summary>
    private Swim Awake(TimeSpan now)
    {
        var pause = now - Due;
        return pause < Options.ProbeTimeout / 2
            ? this
            : this with { View = View.Later(pause), Prober = Prober.Later(pause, Options), Gossip = Gossip.Later(pause), Sync = Sync.Later(pause) };
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
