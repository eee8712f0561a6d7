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

    private RumorQueue Rumors { get; init; } = new();

    private ImmutableSortedSet<RpcAddress> Suspects { get; init; } = ImmutableSortedSet<RpcAddress>.Empty.WithComparer(AddressOrder.Comparer);

    private TimeSpan NextSync { get; init; }

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
            var due = NextProbe < NextSync ? NextProbe : NextSync;
            if (Probe is { } probe && probe.Due < due) due = probe.Due;
            foreach (var relay in Relays.Values) due = relay.Until < due ? relay.Until : due;
            foreach (var address in Suspects)
            {
                var next = Members[address].Suspicion!.Next(Options, GroupSize).At;
                if (next < due) due = next;
            }

            return due;
        }
    }

    /// <summary>Does what the time asks for.</summary>
    public Swim Advance(TimeSpan now, SwimEffects effects)
    {
        if (HasLeft) return this;
        return Awake(now).CheckProbe(now, effects).CheckRelays(now, effects).CheckSuspects(now, effects).StartProbe(now, effects).Sync(now, effects);
    }

    /// <summary>Takes a message.</summary>
    public Swim Receive(IToMembership message, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft) return this;
        var state = Awake(now);
        return message switch
        {
            Ping m => state.Hear(m.Rumors, now, effects).OnPing(m, effects),
            Ack m => state.Hear(m.Rumors, now, effects).OnAck(m, effects),
            PingRequest m => state.Hear(m.Rumors, now, effects).OnPingRequest(m, now, effects),
            Nack m => state.OnNack(m),
            Digest m => state.OnDigest(m, effects),
            FullState m => state.Hear(m.Rumors, now, effects).OnFullState(m, effects),
            _ => throw new InvalidOperationException($"{message.GetType().Name} is no message of membership."),
        };
    }

    /// <summary>Says good-bye to some, who tell the others; nothing happens afterwards.</summary>
    public Swim Leave(SwimEffects effects)
    {
        if (HasLeft) return this;
        var farewell = new MemberRumor(Self, Incarnation, MemberStatus.Left, Self.Address);
        var (told, rest) = PickOthers(Math.Max(Options.IndirectProbes, 3), except: default);
        foreach (var address in told) effects.Send(address, new Ping(Self.Address, NextNumber, [farewell]));
        effects.Raise(new MemberLeft(Self));
        return rest with { HasLeft = true };
    }

    /// <summary>The same without news to pass on, for groups that are made complete.</summary>
    public Swim Calm() => this with { Rumors = new() };

    /// <summary>The group as this node sees it.</summary>
    public MembershipSnapshot Snapshot(long version)
    {
        var there = Members.Values.Where(static entry => entry.IsThere).ToArray();
        var all = HasLeft ? there.Select(static entry => entry.Member) : there.Select(static entry => entry.Member).Append(Self);
        return new MembershipSnapshot(version, Self, [.. all.OrderBy(static member => member.Address, AddressOrder.Comparer)],
            [.. there.Where(static entry => entry.Status == MemberStatus.Suspected).Select(static entry => entry.Member)]);
    }

    /// <summary>
    /// A process that stood still must not blame others for its own silence: what it was waiting for it forgets, and suspicions run as if no time had passed.
    /// </summary>
    private Swim Awake(TimeSpan now)
    {
        var late = now - Due;
        if (late < Options.ProbeInterval * 2) return this;
        var state = this with { Probe = null, Relays = Relays.Clear(), NextProbe = now, HealthScore = Math.Min(HealthScore + 1, Options.MaxHealthScore) };
        foreach (var address in Suspects)
        {
            var entry = Members[address];
            state = state with { Members = state.Members.SetItem(address, entry with { Suspicion = entry.Suspicion! with { Since = entry.Suspicion.Since + late } }) };
        }

        return state;
    }

    /// <summary>Some others that are there, each once, by chance.</summary>
    private (ImmutableArray<RpcAddress> Picked, Swim Left) PickOthers(int count, RpcAddress except)
    {
        var random = Random;
        var picked = ImmutableArray.CreateBuilder<RpcAddress>();

        // By trial, as memberlist does: groups are large, and few of the order are gone.
        for (var trials = Order.IsEmpty ? 0 : 3 * count; trials > 0 && picked.Count < count; trials--)
        {
            (var index, random) = random.Next(Order.Count);
            var address = Order[index];
            if (address != except && !picked.Contains(address) && Members.TryGetValue(address, out var entry) && entry.Status == MemberStatus.Up) picked.Add(address);
        }

        return (picked.DrainToImmutable(), this with { Random = random });
    }

    /// <summary>What a message to a node carries: first what is said of that node itself, so that it can speak for itself.</summary>
    private (ImmutableArray<MemberRumor> Rumors, Swim Left) RumorsFor(RpcAddress to)
    {
        var (rest, taken) = Rumors.Take(Options.RumorsPerMessage, Options.RetransmitFactor * (int)Math.Ceiling(Math.Log10(GroupSize + 1)));
        if (Members.TryGetValue(to, out var entry) && entry.Status != MemberStatus.Up) taken = taken.Insert(0, RumorOf(entry));
        return (taken, this with { Rumors = rest });
    }

    private MemberRumor RumorOf(MemberEntry entry) => entry.Suspicion is { } suspicion
        ? new MemberRumor(entry.Member, entry.Incarnation, entry.Status, suspicion.By.Order(AddressOrder.Comparer).First(), suspicion.Reason, !suspicion.Refused.IsEmpty)
        : new MemberRumor(entry.Member, entry.Incarnation, entry.Status, Self.Address, entry.Reason);
}
