using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <content>Who answers and who does not.</content>
internal sealed partial record Swim
{
    /// <summary>Whom the next rounds ask, each once, in an order by chance: so each node is asked again within a bounded time.</summary>
    private ImmutableList<RpcAddress> Order { get; init; } = [];

    private int NextInOrder { get; init; }

    private Probe? Probe { get; init; }

    private ImmutableDictionary<long, Relay> Relays { get; init; } = ImmutableDictionary<long, Relay>.Empty;

    private TimeSpan NextProbe { get; init; }

    /// <summary>A connection to a node has ended: it is asked at once whether it lives.</summary>
    public Swim OnDisconnected(RpcAddress address, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft || !Members.TryGetValue(address, out var entry) || !entry.IsThere) return this;
        return Awake(now).Ask(address, effects, out _);
    }

    /// <summary>A connection to a node was refused: its process is gone, or a new one is not there yet.</summary>
    public Swim OnRefused(RpcAddress address, TimeSpan now, SwimEffects effects)
    {
        if (HasLeft || !Members.TryGetValue(address, out var entry) || !entry.IsThere) return this;
        var state = Awake(now);
        var isFirst = entry.Suspicion?.Refused.Contains(Self.Address) is not true;
        state = state.MissedBySelf(entry, "it refuses connections", isRefused: true, now, effects);
        if (!isFirst || !state.Members[address].IsThere) return state;

        // Another node has to see it, too: a firewall may refuse for it.
        var (helpers, rest) = state.PickOthers(2, address);
        foreach (var helper in helpers) effects.Send(helper, new PingRequest(Self.Address, 0, address, [rest.RumorOf(rest.Members[address])]));
        return rest;
    }

    private Swim StartProbe(TimeSpan now, SwimEffects effects)
    {
        if (now < NextProbe) return this;
        var state = this with { NextProbe = now + (Options.ProbeInterval * (HealthScore + 1)) };
        if (state.Probe is not null) return state;
        (var target, state) = state.NextTarget();
        if (target is not { } address) return state;
        state = state.Ask(address, effects, out var number);
        return state with { Probe = new Probe(address, number, now + (Options.ProbeTimeout * (HealthScore + 1)), state.NextProbe) };
    }

    private Swim CheckProbe(TimeSpan now, SwimEffects effects)
    {
        if (Probe is not { } probe) return this;
        if (!Members.TryGetValue(probe.Target, out var entry) || !entry.IsThere) return this with { Probe = null };
        if (now >= probe.Until)
        {
            var missing = probe.Asked <= 0 ? 1 : Math.Max(0, probe.Asked - probe.Nacks);
            var failed = this with { Probe = null, HealthScore = Math.Min(HealthScore + missing, Options.MaxHealthScore) };
            return failed.MissedBySelf(entry, probe.Asked <= 0 ? "no answer" : $"no answer, also not through {probe.Asked} others", isRefused: false, now, effects);
        }

        if (probe.Asked >= 0 || now < probe.DirectUntil) return this;
        var (helpers, state) = PickOthers(Options.IndirectProbes, probe.Target);
        foreach (var helper in helpers)
        {
            (var rumors, state) = state.RumorsFor(helper);
            effects.Send(helper, new PingRequest(Self.Address, probe.Number, probe.Target, rumors));
        }

        return state with { Probe = probe with { Asked = helpers.Length } };
    }

    private Swim MissedBySelf(MemberEntry entry, string reason, bool isRefused, TimeSpan now, SwimEffects effects)
    {
        var rumor = new MemberRumor(entry.Member, entry.Incarnation, MemberStatus.Suspected, Self.Address, reason, isRefused);
        return entry.Status == MemberStatus.Suspected ? Confirm(entry, rumor, now, effects) : Suspect(entry, rumor, isOwn: true, now, effects);
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
        return state with { Relays = state.Relays.Add(number, new Relay(message.From, message.Number, message.Target, until)) };
    }

    private Swim OnNack(Nack message) => Probe is { } probe && probe.Number == message.Number && probe.Nacks < probe.Asked ? this with { Probe = probe with { Nacks = probe.Nacks + 1 } } : this;

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
            while (state.NextInOrder < state.Order.Count)
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

        return this with { Order = [.. order], NextInOrder = 0, Random = random };
    }

    /// <summary>Lets the round that runs ask a node, too, at a place by chance.</summary>
    private Swim Enlist(RpcAddress address)
    {
        var (offset, random) = Random.Next(Order.Count - NextInOrder + 1);
        return this with { Order = Order.Insert(NextInOrder + offset, address), Random = random };
    }
}
