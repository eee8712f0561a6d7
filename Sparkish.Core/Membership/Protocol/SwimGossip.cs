using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>Spreads news: with every message that is sent anyway, and at once where a node is gone. A value.</summary>
internal sealed record SwimGossip
{
    /// <summary>Random others that are told of an end at once, besides the follower: fewer messages cannot spread faster than a chain.</summary>
    private const int ToldAtOnce = 1;

    /// <summary>Bursts of news in a row before they keep to the pause.</summary>
    private const int QuickBursts = 3;

    /// <summary>How many, about, tell a node that they held it for dead.</summary>
    private const int TellersOfDeath = 10;

    /// <summary>How many are told at once that a node lives.</summary>
    private const int ToldThatItLives = 3;

    /// <summary>
    /// The most to whom a node says good-bye itself. All who have a connection with it see it end a moment later, and those that have not heard why ask, are
    /// refused, and
    /// take it for killed; so it tells all, but for groups where that would be much work.
    /// </summary>
    private const int MostFarewells = 500;

    /// <summary>Between two bursts in the long run, so that they cost less than a message a second.</summary>
    private static readonly TimeSpan BurstPause = TimeSpan.FromSeconds(4);

    private RumorQueue Rumors { get; init; } = new();

    private bool HasUrgentNews { get; init; }

    /// <summary>When the next burst would come if all had kept to the pause.</summary>
    private TimeSpan NextBurst { get; init; }

    /// <summary>When news is to be told at once at the latest.</summary>
    public TimeSpan Due => HasUrgentNews ? NextBurst - (BurstPause * (QuickBursts - 1)) : TimeSpan.MaxValue;

    /// <summary>The same after a pause in which this node heard nothing.</summary>
    public SwimGossip Later(TimeSpan pause) => this with { NextBurst = NextBurst + pause };

    /// <summary>Takes news to be passed on.</summary>
    public SwimGossip Tell(MemberRumor rumor) => this with { Rumors = Rumors.Add(rumor), HasUrgentNews = HasUrgentNews || rumor.Status >= MemberStatus.Down };

    /// <summary>This node was welcomed: those who welcome it know all that it hears; what they do not know is the node itself.</summary>
    public SwimGossip Welcomed(SwimView view) => this with { Rumors = new RumorQueue().Add(view.SelfRumor) };

    /// <summary>
    /// This node was cut off: whom it took for dead meanwhile it does not tell of. The others are there, and comparing views tells who is not.
    /// </summary>
    public SwimGossip CutOff() => this with { Rumors = Rumors.WithoutDeaths() };

    /// <summary>The same with nothing to tell.</summary>
    public SwimGossip Silent() => this with { Rumors = new RumorQueue() };

    /// <summary>Gives the messages of a step to the driver, with news where they carry any.</summary>
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

    /// <summary>Tells of an end at once: one by chance, so that it takes few steps, and the follower, so that nobody is left out.</summary>
    public SwimGossip Spread(SwimView view, ProbeRound round, SwimStep step)
    {
        if (step.Now < Due) return this;
        var targets = round.Pick(ToldAtOnce, except: view.Follower ?? default, view, step);
        if (view.Follower is { } follower) targets = targets.Add(follower);
        foreach (var target in targets) step.Carry(target, new News(view.Self.Address, []));
        return this with { HasUrgentNews = false, NextBurst = (step.Now > NextBurst ? step.Now : NextBurst) + BurstPause };
    }

    /// <summary>
    /// One that lives has to know that it was taken for dead, and its own sign of life may have been faster than the news of that. So some of those who
    /// held it for dead say so to itself.
    /// </summary>
    public static void TellOfDeath(MemberEntry death, SwimView view, SwimStep step)
    {
        if (step.IsOneOf(Math.Max(1, view.GroupSize / TellersOfDeath))) step.Send(death.Member.Address, new News(view.Self.Address, [view.RumorOf(death)]));
    }

    /// <summary>Says to some, who tell the others, that this node lives.</summary>
    public static void SpeakUp(SwimView view, ProbeRound round, SwimStep step)
    {
        foreach (var target in round.Pick(ToldThatItLives, except: default, view, step)) step.Send(target, new News(view.Self.Address, [view.SelfRumor]));
    }

    /// <summary>Says good-bye to the others, each of which answers with an <see cref="Ack"/>.</summary>
    public static void SayGoodbye(SwimView view, ProbeRound round, SwimStep step)
    {
        var farewell = view.SelfRumor with { Status = MemberStatus.Left };
        var told = view.Others <= MostFarewells
            ? [.. view.Members.Values.Where(static entry => entry.IsThere).Select(static entry => entry.Member.Address)]
            : round.Pick(MostFarewells, except: default, view, step);
        foreach (var address in told) step.Send(address, new Ping(view.Self.Address, step.NextNumber, [farewell]));
    }

    /// <summary>What a message to a node carries: first what is said of that node itself, so that it can speak for itself.</summary>
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
        _ => throw new InvalidOperationException($"{message.GetType().Name} cannot carry news."),
    };
}
