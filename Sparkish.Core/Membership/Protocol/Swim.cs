using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>
/// One node's side of SWIM (Das, Gupta, Motivala, 2002) with Lifeguard's refinements (Dadgar, Phillips, Currey, 2017), as a value: a step takes what
/// happened and the time, gives the state after it, and lists what is to be sent and told. No clock, no randomness but its own, no env.
/// </summary>
/// <remarks>
/// Four parts, each a value with one subject: <see cref="SwimView"/> knows, <see cref="SwimProber"/> asks, <see cref="SwimGossip"/> tells,
/// <see cref="SwimSync"/> compares.
/// They read each other and change only themselves; what one has to change in another it hands over by the <see cref="SwimStep"/>, and <see cref="Settle"/>
/// carries it there.
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

    /// <summary>A node that knows only itself, and its first words to the seeds.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="self">The node.</param>
    /// <param name="incarnation">More than in any earlier life: the time of the start.</param>
    /// <param name="seed">The seed of its randomness.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives what is to be done.</param>
    public static Swim Start(SwimOptions options, Member self, long incarnation, ulong seed, TimeSpan now, SwimEffects effects)
    {
        // Answers to an earlier life's questions are nobody's.
        var step = new SwimStep(options, now, new SwimRandom(seed), nextNumber: incarnation << 20, effects);
        var phase = TimeSpan.FromMilliseconds(step.Next((int)options.ProbeInterval.TotalMilliseconds));
        var view = SwimView.Of(self, incarnation);
        step.Raise(new MemberUp(self));
        return new Swim { Options = options, View = view, Prober = new SwimProber { NextProbe = now + phase }, Sync = SwimSync.Start(view, step) }.End(step);
    }

    /// <summary>When <see cref="Advance"/> has something to do at the latest.</summary>
    public TimeSpan Due => HasLeft ? TimeSpan.MaxValue : Earlier(Earlier(Prober.Due, Sync.Due), Earlier(Gossip.Due, View.SuspicionDue(Options)));

    /// <summary>Does what the time asks for.</summary>
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

    /// <summary>Takes a message.</summary>
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
            default: throw new InvalidOperationException($"{message.GetType().Name} is not a message of membership.");
        }

        return state.Settle(step).Spread(step).End(step);
    }

    /// <summary>A connection to a node has ended: it is asked soon whether it lives.</summary>
    public Swim OnDisconnected(RpcAddress address, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft || Prober.IsChecked(address) || View.There(address) is null) return this;
        var step = Begin(now, effects);
        var state = Awake(now);
        return state.With(state.Prober.OnDisconnected(address, state.View, step), step).Spread(step).End(step);
    }

    /// <summary>A connection to a node was refused: its process is gone, or a new one is not there yet.</summary>
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

    /// <summary>Tells something else of itself from now on: under a new incarnation, so that it overrides what was told before.</summary>
    public Swim Update(IReadOnlyDictionary<string, string> metadata, SwimEffects effects)
    {
        if (HasLeft) return this;
        var step = Begin(now: default, effects);
        var state = With(View.Renewed(Self with { Metadata = metadata }, step), step);
        step.Raise(new MemberUp(state.Self));
        return state.End(step);
    }

    /// <summary>
    /// Says that this node lives, to some who tell the others: for a node that hears nothing just now, and so cannot answer. It judges nobody meanwhile:
    /// <see cref="Advance"/> is to be called again when it hears, and takes the time between as one in which it stood still.
    /// </summary>
    public Swim SpeakUp(SwimEffects effects)
    {
        if (HasLeft) return this;
        var step = Begin(now: default, effects);
        var state = With(View.Renewed(Self, step), step);
        SwimGossip.SpeakUp(state.View, state.Prober.Round, step);
        return state.End(step);
    }

    /// <summary>Says good-bye to the others, each of which answers with an <see cref="Ack"/>; nothing happens afterwards.</summary>
    public Swim Leave(SwimEffects effects)
    {
        if (HasLeft) return this;
        var step = Begin(now: default, effects);
        SwimGossip.SayGoodbye(View, Prober.Round, step);
        step.Raise(new MemberLeft(Self));
        return End(step) with { HasLeft = true };
    }

    /// <summary>The same without one of the seeds, which is this node itself under another name.</summary>
    public Swim WithoutSeed(RpcAddress alias) => this with { Options = Options with { Seeds = [.. Options.Seeds.Where(seed => seed != alias)] } };

    /// <summary>
    /// Which process at an address is meant by what this node sends there: the one that it knows. A seed is meant whatever process it is, since it is how
    /// groups find each other again.
    /// </summary>
    public GroupLabel LabelFor(RpcAddress to) =>
        new(Options.Cluster, !Options.Seeds.Contains(to) && View.Members.TryGetValue(to, out var entry) ? entry.Member.Uid : 0);

    /// <summary>
    /// Whether a message is meant for this node. One that another process at its address was meant to get is taken from a node of its own group only: the
    /// other's group may have left the address to this one.
    /// </summary>
    public bool IsMeant(IToMembership message) =>
        string.Equals(message.Label.Group ?? "", Options.Cluster, StringComparison.Ordinal)
        && (message.Label.Receiver == 0 || message.Label.Receiver == Self.Uid || View.Members.ContainsKey(message.From));

    /// <summary>The same knowing all of a group at once, as if it had heard of them long ago; for groups that are made complete.</summary>
    /// <param name="all">The group, this node included; what nodes know in common they share in memory.</param>
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

    /// <summary>Carries what one part has to tell another there, and then gives the messages to the driver.</summary>
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
    /// A process that stood still must not blame others for its own silence: all that it waits for gets the time again in which it heard nothing.
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
