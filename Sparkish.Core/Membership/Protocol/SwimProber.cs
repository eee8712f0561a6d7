using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>
/// Finds out which nodes reply: through its own probes, and those it requests from others. It also tracks how far this node can trust its own observations. An
/// immutable value.
/// </summary>
internal sealed record SwimProber
{
    /// <summary>Number of nodes, one of which is asked when an address refuses connections: a firewall may refuse on its behalf.</summary>
    private const int Witnesses = 2;

    /// <summary>Time per node of the group within which a node whose connection ended is probed, at random, so that not all nodes probe at once.</summary>
    private static readonly TimeSpan CheckSpread = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan LongestCheckSpread = TimeSpan.FromMilliseconds(200);

    /// <summary>The time of the next probe.</summary>
    public required TimeSpan NextProbe { get; init; }

    /// <summary>Lifeguard's local health score: 0 is healthy; a node that has missed messages itself extends the timeouts of others accordingly.</summary>
    public int HealthScore { get; init; }

    public ProbeRound Round { get; init; } = new();

    private Probe? Probe { get; init; }

    /// <summary>Number of probes of this node: it alternates between its follower and others.</summary>
    private int Turn { get; init; }

    private ImmutableDictionary<long, Relay> Relays { get; init; } = ImmutableDictionary<long, Relay>.Empty;

    /// <summary>Nodes whose connections have ended, and the times of their probes.</summary>
    private ImmutableDictionary<RpcAddress, TimeSpan> Checks { get; init; } = ImmutableDictionary<RpcAddress, TimeSpan>.Empty;

    /// <summary>The time by which there is something to do.</summary>
    public TimeSpan Due
    {
        get
        {
            var due = Probe is { } probe && probe.Due < NextProbe ? probe.Due : NextProbe;
            foreach (var (_, relay) in Relays) due = relay.Until < due ? relay.Until : due;
            foreach (var (_, at) in Checks) due = at < due ? at : due;
            return due;
        }
    }

    /// <summary>Returns the state after a pause in which this node read nothing: all its pending timeouts are extended by that time.</summary>
    public SwimProber Later(TimeSpan pause, SwimOptions options) => this with
    {
        Probe = Probe?.Later(pause),
        Relays = Relays.Clear(),
        Checks = Checks.IsEmpty ? Checks : Checks.ToImmutableDictionary(static check => check.Key, check => check.Value + pause),
        NextProbe = NextProbe + pause,
        HealthScore = pause < options.ProbeInterval ? HealthScore : Worse(1, options),
    };

    public SwimProber Enlist(RpcAddress address, SwimStep step) => this with { Round = Round.Enlist(address, step) };

    /// <summary>Called when this node is suspected: it may be slow itself.</summary>
    public SwimProber Accused(SwimOptions options) => this with { HealthScore = Worse(1, options) };

    public bool IsChecked(RpcAddress address) => Checks.ContainsKey(address);

    /// <summary>Called when a connection to a node has ended: the node is probed soon.</summary>
    public SwimProber OnDisconnected(RpcAddress address, SwimView view, SwimStep step)
    {
        var longest = CheckSpread * view.GroupSize < LongestCheckSpread ? CheckSpread * view.GroupSize : LongestCheckSpread;
        return this with { Checks = Checks.Add(address, step.Now + TimeSpan.FromMicroseconds(step.Next((int)longest.TotalMicroseconds))) };
    }

    /// <summary>Asks others to probe a node whose address refuses connections.</summary>
    public void CallWitnesses(MemberEntry refused, SwimView view, SwimStep step)
    {
        var address = refused.Member.Address;
        foreach (var witness in Round.Pick(Witnesses, address, view, step))
            step.Send(witness, new PingRequest(view.Self.Address, 0, address, [view.RumorOf(refused)]));
    }

    /// <summary>Probes the nodes whose connections have ended, at their due times.</summary>
    public SwimProber CheckClosed(SwimView view, SwimStep step)
    {
        var checks = Checks;
        foreach (var (address, _) in Checks.Where(check => step.Now >= check.Value)
            .OrderBy(static check => check.Value).ThenBy(static check => check.Key, AddressOrder.Comparer))
        {
            checks = checks.Remove(address);
            if (view.There(address) is not null) Ask(address, view, step);
        }

        return checks == Checks ? this : this with { Checks = checks };
    }

    /// <summary>Probes the next node, when it is due.</summary>
    public SwimProber StartProbe(SwimView view, SwimStep step)
    {
        if (step.Now < NextProbe) return this;
        var asked = this with { NextProbe = step.Now + (step.Options.ProbeInterval * (HealthScore + 1)), Turn = Turn + 1 };
        if (Probe is not null) return asked;
        if (Turn % 4 == 3 && asked.OwnSuspect(view) is { } suspect)
        {
            Ask(suspect, view, step);
            return asked;
        }

        var (target, round) = (view.Follower, Round);
        if (Turn % 2 == 1 || target is null) (target, round) = Round.Next(view, step);
        asked = asked with { Round = round };
        if (target is not { } address) return asked;
        var directUntil = step.Now + (step.Options.ProbeTimeout * (HealthScore + 1));
        return asked with { Probe = new Probe(address, Ask(address, view, step), step.Now, directUntil, asked.NextProbe) };
    }

    /// <summary>Advances the pending probe.</summary>
    /// <param name="view">The view of this node.</param>
    /// <param name="step">The step that it is part of.</param>
    /// <param name="missed">The missed reply, if one was missed for good.</param>
    public SwimProber CheckProbe(SwimView view, SwimStep step, out MissedAnswer? missed)
    {
        missed = null;
        if (Probe is not { } probe) return this;
        if (view.There(probe.Target) is not { } entry) return this with { Probe = null };
        var isSuspected = entry.Status == MemberStatus.Suspected;
        if (step.Now >= probe.Until)
        {
            // One helper that is heard shows that this node receives: if many nodes fail at once, most helpers do. Lifeguard counts each that is not heard.
            var unheard = isSuspected || probe.InVain.Count > 0 ? 0 : Math.Max(1, probe.Asked);
            missed = new MissedAnswer(
                probe.Target, probe.Asked <= 0 ? "no answer" : $"no answer, neither directly nor through {probe.Asked} others", probe.Since, probe.InVain);
            return this with { Probe = null, HealthScore = Worse(unheard, step.Options) };
        }

        if (probe.Asked >= 0 || step.Now < probe.DirectUntil) return this;

        // If a suspicion is pending, others have probed already, and it is probed again anyway.
        if (isSuspected) return this with { Probe = probe with { Asked = 0 } };
        var helpers = Round.Pick(step.Options.IndirectProbes, probe.Target, view, step);
        foreach (var helper in helpers) step.Carry(helper, new PingRequest(view.Self.Address, probe.Number, probe.Target, []));

        // A further direct probe costs little, and a message may have been lost.
        step.Send(probe.Target, new Ping(view.Self.Address, probe.Number, []));
        return this with { Probe = probe with { Asked = helpers.Length } };
    }

    /// <summary>Reports a timeout to the nodes that asked this one to probe another.</summary>
    public SwimProber CheckRelays(SwimView view, SwimStep step)
    {
        var relays = Relays;
        foreach (var (number, relay) in Relays.Where(relay => step.Now >= relay.Value.Until).OrderBy(static relay => relay.Key))
        {
            if (relay.AskersNumber != 0) step.Send(relay.Asker, new Nack(view.Self.Address, relay.AskersNumber));
            relays = relays.Remove(number);
        }

        return relays == Relays ? this : this with { Relays = relays };
    }

    public static void OnPing(Ping message, SwimView view, SwimStep step)
    {
        // A node that probes with a suspicion of this node is answered, however often others were.
        var isAccused = message.Rumors.Any(rumor => rumor.Member.Address == view.Self.Address);
        step.Carry(message.From, new Ack(view.Self.Address, message.Number, isAccused ? [view.SelfRumor] : []));
    }

    public SwimProber OnAck(Ack message, SwimView view, SwimStep step)
    {
        if (Relays.TryGetValue(message.Number, out var relay))
        {
            if (relay.AskersNumber != 0) step.Send(relay.Asker, new Ack(view.Self.Address, relay.AskersNumber, []));
            return this with { Relays = Relays.Remove(message.Number) };
        }

        return Probe?.Number == message.Number ? this with { Probe = null, HealthScore = Math.Max(0, HealthScore - 1) } : this;
    }

    public SwimProber OnPingRequest(PingRequest message, SwimView view, SwimStep step)
    {
        // Early enough that the asker hears of it in time.
        var until = step.Now + ((step.Options.ProbeInterval - step.Options.ProbeTimeout) * 0.8);
        return this with { Relays = Relays.Add(Ask(message.Target, view, step), new Relay(message.From, message.Number, until)) };
    }

    public SwimProber OnNack(Nack message) => Probe is { } probe && probe.Number == message.Number && probe.InVain.Count < probe.Asked
        ? this with { Probe = probe with { InVain = probe.InVain.Add(message.From) } }
        : this;

    private static long Ask(RpcAddress address, SwimView view, SwimStep step)
    {
        var number = step.TakeNumber();
        step.Carry(address, new Ping(view.Self.Address, number, []));
        return number;
    }

    /// <summary>A node whose replies this node has missed; it is probed again, since a reply may have been lost.</summary>
    private RpcAddress? OwnSuspect(SwimView view)
    {
        var own = view.Suspects.Where(address => view.Members[address].Suspicion!.IsOwn).ToArray();
        return own.Length == 0 ? null : own[Turn / 4 % own.Length];
    }

    private int Worse(int by, SwimOptions options) => Math.Min(HealthScore + by, options.MaxHealthScore);
}
