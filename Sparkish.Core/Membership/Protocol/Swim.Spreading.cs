using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <content>How news travels: with every message, and at once where a node is gone.</content>
internal sealed partial record Swim
{
    /// <summary>Random others that are told of an end at once, besides the follower: fewer messages cannot spread faster than a chain.</summary>
    private const int ToldAtOnce = 1;

    /// <summary>Bursts of news in a row before they keep to the pause.</summary>
    private const int QuickBursts = 3;

    /// <summary>Between two bursts in the long run, so that they cost less than a message a second.</summary>
    private static readonly TimeSpan BurstPause = TimeSpan.FromSeconds(4);

    private RumorQueue Rumors { get; init; } = new();

    private bool HasUrgentNews { get; init; }

    /// <summary>When the next burst would come if all had kept to the pause.</summary>
    private TimeSpan NextBurst { get; init; }

    /// <summary>The next node on the ring that is up: this node looks after it, and tells it what it hears.</summary>
    private RpcAddress? Follower { get; init; }

    private TimeSpan BurstDue => HasUrgentNews ? NextBurst - (BurstPause * (QuickBursts - 1)) : TimeSpan.MaxValue;

    private Swim Tell(MemberRumor rumor) => this with { Rumors = Rumors.Add(rumor), HasUrgentNews = HasUrgentNews || rumor.Status >= MemberStatus.Down };

    /// <summary>Tells of an end at once: one by chance, so that it takes few steps, and the follower, so that nobody is left out.</summary>
    private Swim Spread(TimeSpan now, SwimEffects effects)
    {
        if (now < BurstDue) return this;
        return Burst(effects) with { HasUrgentNews = false, NextBurst = (now > NextBurst ? now : NextBurst) + BurstPause };
    }

    private Swim Burst(SwimEffects effects)
    {
        var (targets, state) = PickOthers(ToldAtOnce, except: Follower ?? default);
        if (Follower is { } follower) targets = targets.Add(follower);
        foreach (var target in targets)
        {
            (var rumors, state) = state.RumorsFor(target);
            effects.Send(target, new News(Self.Address, rumors));
        }

        return state;
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

    /// <summary>Some others that are up, each once, by chance.</summary>
    private (ImmutableArray<RpcAddress> Picked, Swim Left) PickOthers(int count, RpcAddress except)
    {
        var random = Random;
        var picked = ImmutableArray.CreateBuilder<RpcAddress>(count);

        // By trial, as memberlist does: groups are large, and few of the order are gone.
        for (var trials = Order.IsEmpty ? 0 : 3 * count; trials > 0 && picked.Count < count; trials--)
        {
            (var index, random) = random.Next(Order.Length);
            var address = Order[index];
            if (address != except && !picked.Contains(address) && Members.TryGetValue(address, out var entry) && entry.Status == MemberStatus.Up) picked.Add(address);
        }

        return (picked.DrainToImmutable(), this with { Random = random });
    }

    /// <summary>Keeps the follower when an entry has changed.</summary>
    private Swim FollowRing(MemberEntry changed)
    {
        var address = changed.Member.Address;
        if (changed.Status != MemberStatus.Up) return Follower == address ? this with { Follower = FindFollower() } : this;
        if (Follower == address) return this;
        var from = Ring.PlaceOf(Self.Address);
        var isNearer = Follower is not { } follower || Ring.Distance(from, changed.Place) < Ring.Distance(from, Ring.PlaceOf(follower));
        return isNearer ? this with { Follower = address } : this;
    }

    private RpcAddress? FindFollower()
    {
        var from = Ring.PlaceOf(Self.Address);
        MemberEntry? nearest = null;
        foreach (var entry in Members.Values)
        {
            if (entry.Status == MemberStatus.Up && (nearest is null || Ring.Distance(from, entry.Place) < Ring.Distance(from, nearest.Place))) nearest = entry;
        }

        return nearest?.Member.Address;
    }
}
