using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>
/// One node's side of SWIM (Das, Gupta, Motivala, 2002) with Lifeguard's refinements (Dadgar, Phillips, Currey, 2017), as a value: a step takes what
/// happened and the time, gives the state after it, and lists what is to be sent and told. No clock, no randomness but its own, no env.
/// </summary>
/// <remarks>
/// What is known of a member is ordered by incarnation and then by status, and hearing is taking the larger of two: so views agree whatever the order
/// of the news. Only a member itself counts its incarnation up, to speak for itself against a suspicion, or its death.
/// </remarks>
internal sealed partial record Swim
{
    public required SwimOptions Options { get; init; }

    public required Member Self { get; init; }

    /// <summary>This node's own incarnation.</summary>
    public required long Incarnation { get; init; }

    public required SwimRandom Random { get; init; }

    /// <summary>All others that were ever heard of and are not forgotten.</summary>
    public ImmutableSortedDictionary<RpcAddress, MemberEntry> Members { get; init; } = ImmutableSortedDictionary<RpcAddress, MemberEntry>.Empty.WithComparers(AddressOrder.Comparer);

    /// <summary>How many of the others are there.</summary>
    public int Others { get; init; }

    /// <summary>A hash of who is there; the same on all nodes of one mind.</summary>
    public ulong Hash { get; init; }

    public bool HasLeft { get; init; }

    /// <summary>Lifeguard's local health: 0 is well; one that has missed messages itself gives others that much more time.</summary>
    public int HealthScore { get; init; }

    private ImmutableSortedSet<RpcAddress> Suspects { get; init; } = ImmutableSortedSet<RpcAddress>.Empty.WithComparer(AddressOrder.Comparer);

    private long NextNumber { get; init; } = 1;

    private int GroupSize => Others + 1;

    private MemberRumor SelfRumor => new(Self, Incarnation, MemberStatus.Up, Self.Address);

    /// <summary>A node that knows only itself, and its first words to the seeds.</summary>
    /// <param name="incarnation">More than in any earlier life: the time of the start.</param>
    public static Swim Start(SwimOptions options, Member self, long incarnation, ulong seed, TimeSpan now, SwimEffects effects)
    {
        var (phase, random) = new SwimRandom(seed).Next((int)options.ProbeInterval.TotalMilliseconds);
        var state = new Swim { Options = options, Self = self, Incarnation = incarnation, Random = random, Hash = MemberEntry.HashOf(self, incarnation) } with
        {
            NextProbe = now + TimeSpan.FromMilliseconds(phase),
            StartedAt = now,
            NextSync = now + JoinPause,
            NextNumber = incarnation << 20, // answers to an earlier life's questions are nobody's
        };
        effects.Raise(new MemberUp(self));
        return state.Join(effects);
    }

    /// <summary>When <see cref="Advance"/> has something to do at the latest.</summary>
    public TimeSpan Due
    {
        get
        {
            if (HasLeft) return TimeSpan.MaxValue;
            var due = Earlier(Earlier(NextProbe, NextSync), BurstDue);
            if (Probe is { } probe) due = Earlier(due, probe.Due);
            foreach (var (_, relay) in Relays) due = Earlier(due, relay.Until);
            foreach (var (_, at) in Checks) due = Earlier(due, at);
            foreach (var address in Suspects) due = Earlier(due, Members[address].Suspicion!.Next(Options, GroupSize).At);
            return due;
        }
    }

    /// <summary>Does what the time asks for.</summary>
    public Swim Advance(TimeSpan now, SwimEffects effects)
    {
        if (HasLeft) return this;
        return Awake(now).CheckProbe(now, effects).CheckRelays(now, effects).CheckSuspects(now, effects).CheckClosed(now, effects)
            .StartProbe(now, effects).Sync(now, effects).Spread(now, effects);
    }

    /// <summary>Takes a message.</summary>
    public Swim Receive(IToMembership message, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft) return this;
        var state = Awake(now);
        state = message switch
        {
            Ping m => state.Hear(m.Rumors, isSync: false, now, effects).OnPing(m, effects),
            Ack m => state.Hear(m.Rumors, isSync: false, now, effects).OnAck(m, effects),
            PingRequest m => state.Hear(m.Rumors, isSync: false, now, effects).OnPingRequest(m, now, effects),
            Nack m => state.OnNack(m),
            News m => state.Hear(m.Rumors, isSync: false, now, effects),
            Digest m => state.OnDigest(m, now, effects),
            FullState m => state.OnFullState(m, now, effects),
            _ => throw new InvalidOperationException($"{message.GetType().Name} is no message of membership."),
        };
        return state.Spread(now, effects);
    }

    /// <summary>The same knowing all of a group at once, as if it had heard of them long ago; for groups that are made complete.</summary>
    /// <param name="all">The group, this node included; what nodes know in common they share in memory.</param>
    /// <param name="hash">The hash of all.</param>
    public Swim Knowing(ImmutableSortedDictionary<RpcAddress, MemberEntry> all, ulong hash)
    {
        var state = this with { Members = all.Remove(Self.Address), Others = all.Count - 1, Hash = hash, Rumors = new() };
        return state with { Follower = state.FindFollower() };
    }

    /// <summary>The group as this node sees it.</summary>
    public MembershipSnapshot Snapshot(long version)
    {
        var there = Members.Values.Where(static entry => entry.IsThere).ToArray();
        var all = HasLeft ? there.Select(static entry => entry.Member) : there.Select(static entry => entry.Member).Append(Self);
        return new MembershipSnapshot(version, Self, [.. all.OrderBy(static member => member.Address, AddressOrder.Comparer)],
            [.. there.Where(static entry => entry.Status == MemberStatus.Suspected).Select(static entry => entry.Member)]);
    }

    /// <summary>
    /// A process that stood still must not blame others for its own silence: all that it waits for gets the time again in which it heard nothing.
    /// </summary>
    private Swim Awake(TimeSpan now)
    {
        var pause = now - Due;
        if (pause < Options.ProbeTimeout / 2) return this;
        var state = this with
        {
            Probe = Probe?.Later(pause),
            Relays = Relays.Clear(),
            NextProbe = NextProbe + pause,
            NextSync = NextSync + pause,
            NextBurst = NextBurst + pause,
            HealthScore = pause < Options.ProbeInterval ? HealthScore : Math.Min(HealthScore + 1, Options.MaxHealthScore),
        };
        foreach (var (address, at) in Checks) state = state with { Checks = state.Checks.SetItem(address, at + pause) };
        foreach (var address in Suspects)
        {
            var entry = Members[address];
            state = state with { Members = state.Members.SetItem(address, entry with { Suspicion = entry.Suspicion!.Later(pause) }) };
        }

        return state;
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
