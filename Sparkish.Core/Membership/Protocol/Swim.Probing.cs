using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <content>Who answers and who does not.</content>
internal sealed partial record Swim
{
    /// <summary>Nodes of which one is asked when an address refuses connections: a firewall may refuse for it.</summary>
    private const int Witnesses = 2;

    /// <summary>A node whose connection ended is asked within this time for each node of the group, by chance, so that not all ask at once.</summary>
    private static readonly TimeSpan CheckSpread = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan LongestCheckSpread = TimeSpan.FromMilliseconds(200);

    /// <summary>Whom the next rounds ask, each once, in an order by chance: so each node is asked again within a bounded time.</summary>
    private ImmutableArray<RpcAddress> Order { get; init; } = [];

    private int NextInOrder { get; init; }

    private Probe? Probe { get; init; }

    private TimeSpan NextProbe { get; init; }

    /// <summary>How often this node has asked: it asks its follower and others in turns.</summary>
    private int Turn { get; init; }

    private ImmutableDictionary<long, Relay> Relays { get; init; } = ImmutableDictionary<long, Relay>.Empty;

    /// <summary>Nodes whose connections have ended, and when each is asked whether it lives.</summary>
    private ImmutableDictionary<RpcAddress, TimeSpan> Checks { get; init; } = ImmutableDictionary<RpcAddress, TimeSpan>.Empty;

    /// <summary>A connection to a node has ended: it is asked soon whether it lives.</summary>
    public Swim OnDisconnected(RpcAddress address, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft || Checks.ContainsKey(address) || !Members.TryGetValue(address, out var entry) || !entry.IsThere) return this;
        var state = Awake(now);
        var longest = CheckSpread * state.GroupSize < LongestCheckSpread ? CheckSpread * state.GroupSize : LongestCheckSpread;
        var (microseconds, random) = state.Random.Next((int)longest.TotalMicroseconds);
        return (state with { Checks = state.Checks.Add(address, now + TimeSpan.FromMicroseconds(microseconds)), Random = random }).Spread(now, effects);
    }

    /// <summary>A connection to a node was refused: its process is gone, or a new one is not there yet.</summary>
    public Swim OnRefused(RpcAddress address, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft || !Members.TryGetValue(address, out var entry) || !entry.IsThere) return this;
        var isFirst = entry.Suspicion?.Refused.Contains(Self.Address) is not true;
        var state = Awake(now).Missed(entry.Member.Address, "it refuses connections", now, [], isRefused: true, now, effects);
        if (isFirst && state.Members[address].IsThere) state = state.CallWitnesses(address, effects);
        return state.Spread(now, effects);
    }

    private Swim CallWitnesses(RpcAddress address, SwimEffects effects)
    {
        var (witnesses, state) = PickOthers(Witnesses, address);
        foreach (var witness in witnesses) effects.Send(witness, new PingRequest(Self.Address, 0, address, [RumorOf(Members[address])]));
        return state;
    }

    private Swim CheckClosed(TimeSpan now, SwimEffects effects)
    {
        var state = this;
        foreach (var (address, at) in Checks.Where(check => now >= check.Value).OrderBy(static check => check.Value).ThenBy(static check => check.Key, AddressOrder.Comparer))
        {
            state = state with { Checks = state.Checks.Remove(address) };
            if (state.Members.TryGetValue(address, out var entry) && entry.IsThere) state = state.Ask(address, effects, out _);
        }

        return state;
    }

    private Swim StartProbe(TimeSpan now, SwimEffects effects)
    {
        if (now < NextProbe) return this;
        var state = this with { NextProbe = now + (Options.ProbeInterval * (HealthScore + 1)), Turn = Turn + 1 };
        if (Hash != SeenHash) state = state with { SeenHash = Hash, SeenAt = now };
        if (state.Probe is not null) return state;
        if (Turn % 4 == 3 && state.OwnSuspect() is { } suspect) return state.Ask(suspect, effects, out _);
        RpcAddress? target = Follower;
        if (Turn % 2 == 1 || target is null) (target, state) = state.NextTarget();
        if (target is not { } address) return state;
        state = state.Ask(address, effects, out var number);
        return state with { Probe = new Probe(address, number, now, now + (Options.ProbeTimeout * (HealthScore + 1)), state.NextProbe) };
    }

    /// <summary>One whose answers this node has missed; it is called again, since an answer may have been lost.</summary>
    private RpcAddress? OwnSuspect()
    {
        var own = Suspects.Where(address => Members[address].Suspicion!.IsOwn).ToArray();
        return own.Length == 0 ? null : own[Turn / 4 % own.Length];
    }

    private Swim CheckProbe(TimeSpan now, SwimEffects effects)
    {
        if (Probe is not { } probe) return this;
        if (!Members.TryGetValue(probe.Target, out var entry) || !entry.IsThere) return this with { Probe = null };
        if (now >= probe.Until)
        {
            // One helper that is heard says that this node hears: where many are lost at once, most helpers are. Lifeguard counts each that is not heard.
            var unheard = entry.Status == MemberStatus.Suspected || probe.InVain.Count > 0 ? 0 : Math.Max(1, probe.Asked);
            var failed = this with { Probe = null, HealthScore = Math.Min(HealthScore + unheard, Options.MaxHealthScore) };
            return failed.Missed(probe.Target, probe.Asked <= 0 ? "no answer" : $"no answer, also not through {probe.Asked} others", probe.Since, probe.InVain, isRefused: false, now, effects);
        }

        if (probe.Asked >= 0 || now < probe.DirectUntil) return this;

        // Where a suspicion runs, others have tried already, and it is called again anyway.
        if (entry.Status == MemberStatus.Suspected) return this with { Probe = probe with { Asked = 0 } };
        var (helpers, state) = PickOthers(Options.IndirectProbes, probe.Target);
        foreach (var helper in helpers)
        {
            (var rumors, state) = state.RumorsFor(helper);
            effects.Send(helper, new PingRequest(Self.Address, probe.Number, probe.Target, rumors));
        }

        // One more try of its own costs little, where a message was lost.
        effects.Send(probe.Target, new Ping(Self.Address, probe.Number, []));
        return state with { Probe = probe with { Asked = helpers.Length } };
    }

    /// <summary>This node has missed an answer itself, and so have those whom it asked to try.</summary>
    private Swim Missed(RpcAddress address, string reason, TimeSpan since, ImmutableHashSet<RpcAddress> inVain, bool isRefused, TimeSpan now, SwimEffects effects)
    {
        var entry = Members[address];
        var rumor = new MemberRumor(entry.Member, entry.Incarnation, MemberStatus.Suspected, Self.Address, reason, isRefused);
        return entry.Status == MemberStatus.Suspected ? Confirm(entry, rumor, inVain, now, effects) : Suspect(entry, rumor, since, inVain, now, effects);
    }

    private Swim OnPing(Ping message, SwimEffects effects)
    {
        var (rumors, state) = RumorsFor(message.From);

        // Who calls with a suspicion of this node is answered, however often that was told to others already.
        if (message.Rumors.Any(rumor => rumor.Member.Address == Self.Address)) rumors = rumors.Insert(0, SelfRumor);
        effects.Send(message.From, new Ack(Self.Address, message.Number, rumors));
        return state;
    }

    private Swim OnAck(Ack message, SwimEffects effects)
    {
        if (Relays.TryGetValue(message.Number, out var relay))
        {
            if (relay.AskersNumber != 0) effects.Send(relay.Asker, new Ack(Self.Address, relay.AskersNumber, []));
            return this with { Relays = Relays.Remove(message.Number) };
        }

        return Probe?.Number == message.Number ? this with { Probe = null, HealthScore = Math.Max(0, HealthScore - 1) } : this;
    }

    private Swim OnPingRequest(PingRequest message, TimeSpan now, SwimEffects effects)
    {
        var state = Ask(message.Target, effects, out var number);

        // Early enough that the asker hears of it in time.
        var until = now + ((Options.ProbeInterval - Options.ProbeTimeout) * 0.8);
        return state with { Relays = state.Relays.Add(number, new Relay(message.From, message.Number, until)) };
    }

    private Swim OnNack(Nack message) => Probe is { } probe && probe.Number == message.Number && probe.InVain.Count < probe.Asked
        ? this with { Probe = probe with { InVain = probe.InVain.Add(message.From) } }
        : this;

    private Swim CheckRelays(TimeSpan now, SwimEffects effects)
    {
        var state = this;
        foreach (var (number, relay) in Relays.Where(relay => now >= relay.Value.Until).OrderBy(static relay => relay.Key))
        {
            if (relay.AskersNumber != 0) effects.Send(relay.Asker, new Nack(Self.Address, relay.AskersNumber));
            state = state with { Relays = state.Relays.Remove(number) };
        }

        return state;
    }

    private Swim Ask(RpcAddress address, SwimEffects effects, out long number)
    {
        number = NextNumber;
        var (rumors, state) = RumorsFor(address);
        effects.Send(address, new Ping(Self.Address, number, rumors));
        return state with { NextNumber = number + 1 };
    }

    private (RpcAddress? Target, Swim Left) NextTarget()
    {
        var state = this;
        for (var round = 0; round < 2; round++)
        {
            while (state.NextInOrder < state.Order.Length)
            {
                var address = state.Order[state.NextInOrder];
                state = state with { NextInOrder = state.NextInOrder + 1 };
                if (state.Members.TryGetValue(address, out var entry) && entry.IsThere) return (address, state);
            }

            state = state.Shuffle();
        }

        return (null, state);
    }

    private Swim Shuffle()
    {
        var order = Members.Values.Where(static entry => entry.IsThere).Select(static entry => entry.Member.Address).ToArray();
        var random = Random;
        for (var i = order.Length - 1; i > 0; i--)
        {
            (var j, random) = random.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return this with { Order = ImmutableCollectionsMarshal.AsImmutableArray(order), NextInOrder = 0, Random = random };
    }

    /// <summary>Lets the round that runs ask a node, too, at a place by chance.</summary>
    private Swim Enlist(RpcAddress address)
    {
        var (offset, random) = Random.Next(Order.Length - NextInOrder + 1);
        return this with { Order = Order.Insert(NextInOrder + offset, address), Random = random };
    }
}
