using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>Spreads rumors: piggybacked on every message, and at once if a node is gone. An immutable value.</summary>
internal sealed record SwimGossip
{
    /// <summary>Number of random nodes that are notified of an end at once, besides the follower: fewer messages cannot spread faster than a chain.</summary>
    private const int ToldAtOnce = 1;

    /// <summary>Number of consecutive bursts of rumors before the pause applies.</summary>
    private const int QuickBursts = 3;

    /// <summary>Approximate number of nodes that tell a node that they considered it dead.</summary>
    private const int TellersOfDeath = 10;

    /// <summary>Number of nodes that are told at once that a node is alive.</summary>
    private const int ToldThatItLives = 3;

    /// <summary>
    /// Maximum number of nodes to which a node announces its own departure. All nodes with a connection to it see it end a moment later. Those that do not know
    /// the reason probe, are refused, and consider it killed. So it notifies all nodes, except in groups where that would be too much work.
    /// </summary>
    private const int MostFarewells = 500;

    /// <summary>Average pause between two bursts, so that they cost less than a message per second.</summary>
    private static readonly TimeSpan BurstPause = TimeSpan.FromSeconds(4);

    private RumorQueue Rumors { get; init; } = new();

    private bool HasUrgentNews { get; init; }

    /// <summary>The time of the next burst if all had kept the pause.</summary>
    private TimeSpan NextBurst { get; init; }

    /// <summary>The time by which urgent rumors must be sent.</summary>
    public TimeSpan Due => HasUrgentNews ? NextBurst - (BurstPause * (QuickBursts - 1)) : TimeSpan.MaxValue;

    /// <summary>The same after a pause in which this node heard nothing.</summary>
    public SwimGossip Later(TimeSpan pause) => this with { NextBurst = NextBurst + pause };

    /// <summary>Adds a rumor to spread.</summary>
    public SwimGossip Tell(MemberRumor rumor) => this with { Rumors = Rumors.Add(rumor), HasUrgentNews = HasUrgentNews || rumor.Status >= MemberStatus.Down };

    /// <summary>Called when this node was welcomed: the welcoming nodes know all that it hears; only the node itself is new to them.</summary>
    public SwimGossip Welcomed(SwimView view) => this with { Rumors = new RumorQueue().Add(view.SelfRumor) };

    /// <summary>
    /// Called when this node was cut off: it drops its rumors about nodes that it considered dead meanwhile. The others are alive, and comparing views shows
    /// which nodes are not.
    /// </summary>
    public SwimGossip CutOff() => this with { Rumors = Rumors.WithoutDeaths() };

    /// <summary>Returns the same state without rumors.</summary>
    public SwimGossip Silent() => this with { Rumors = new RumorQueue() };

    /// <summary>Passes the messages of a step to the driver, with rumors if they carry any.</summary>
    public SwimGossip Emit(SwimView view, SwimStep step)
    {
        var gossip = this;
        foreach (var (to, message, carriesNews) in step.TakeOutgoing())
        {
            if (!carriesNews)
            {
                step.Emit(to, message);
                continue;
            }

            (var news, gossip) = gossip.NewsFor(to, view, step.Options);
            step.Emit(to, With(message, news));
        }

        return gossip;
    }

    /// <summary>Spreads an end at once: to a random node, so that it takes few steps, and to the follower, so that it reaches every node.</summary>
    public SwimGossip Spread(SwimView view, ProbeRound round, SwimStep step)
    {
        if (step.Now < Due) return this;
        var targets = round.Pick(ToldAtOnce, except: view.Follower ?? default, view, step);
        if (view.Follower is { } follower) targets = targets.Add(follower);
        foreach (var target in targets) step.Carry(target, new News(view.Self.Address, []));
        return this with { HasUrgentNews = false, NextBurst = (step.Now > NextBurst ? step.Now : NextBurst) + BurstPause };
    }

    /// <summary>
    /// A live node must learn that it was considered dead, and its own refutation may have been faster than that rumor. So some of those that considered it
    /// dead tell it directly.
    /// </summary>
    public static void TellOfDeath(MemberEntry death, SwimView view, SwimStep step)
    {
        if (step.IsOneOf(Math.Max(1, view.GroupSize / TellersOfDeath))) step.Send(death.Member.Address, new News(view.Self.Address, [view.RumorOf(death)]));
    }

    /// <summary>Announces to some nodes, which tell the others, that this node is alive.</summary>
    public static void SpeakUp(SwimView view, ProbeRound round, SwimStep step)
    {
        foreach (var target in round.Pick(ToldThatItLives, except: default, view, step)) step.Send(target, new News(view.Self.Address, [view.SelfRumor]));
    }

    /// <summary>Announces the departure to other nodes, each of which answers with an <see cref="Ack"/>.</summary>
    public static void SayGoodbye(SwimView view, ProbeRound round, SwimStep step)
    {
        var farewell = view.SelfRumor with { Status = MemberStatus.Left };
        var told = view.Others <= MostFarewells
            ? [.. view.Members.Values.Where(static entry => entry.IsThere).Select(static entry => entry.Member.Address)]
            : round.Pick(MostFarewells, except: default, view, step);
        foreach (var address in told) step.Send(address, new Ping(view.Self.Address, step.NextNumber, [farewell]));
    }

    /// <summary>Returns the rumors for a message to a node: first those about that node itself, so that it can refute them.</summary>
    private (ImmutableArray<MemberRumor> News, SwimGossip Left) NewsFor(RpcAddress to, SwimView view, SwimOptions options)
    {
        var (rest, taken) = Rumors.Take(options.RumorsPerMessage, options.RetransmitFactor * (int)Math.Ceiling(Math.Log10(view.GroupSize + 1)));
        if (view.Members.TryGetValue(to, out var entry) && entry.Status != MemberStatus.Up) taken = taken.Insert(0, view.RumorOf(entry));
        return (taken, this with { Rumors = rest });
    }

    private static IToMembership With(IToMembership message, ImmutableArray<MemberRumor> news) => message switch
    {
        _ when news.IsEmpty => message,
        Ping m => m with { Rumors = m.Rumors.AddRange(news) },
        Ack m => m with { Rumors = m.Rumors.AddRange(news) },
        PingRequest m => m with { Rumors = m.Rumors.AddRange(news) },
        News m => m with { Rumors = m.Rumors.AddRange(news) },
        _ => throw new InvalidOperationException($"{message.GetType().Name} cannot carry rumors."),
    };
}
