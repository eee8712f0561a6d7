using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <content>Joining, and the comparing of views that mends what gossip missed.</content>
internal sealed partial record Swim
{
    /// <summary>One comparison of so many goes to a node that is down, or to a seed that is not known: parted groups find each other by it.</summary>
    private const int ReachOutEvery = 3;

    /// <summary>Views differ while news travels; of so many comparisons only one is made then in a large group, lest it sends all it knows for nothing.</summary>
    private const int CompareAnywayEvery = 4;

    /// <summary>All that is known of so many nodes is some tens of KiB.</summary>
    private const int LargeGroup = 256;

    /// <summary>For so long after the last change of its view a node counts on news on its way.</summary>
    private static readonly TimeSpan NewsTime = TimeSpan.FromSeconds(3);

    /// <summary>How often a node that is alone calls the seeds.</summary>
    private static readonly TimeSpan JoinPause = TimeSpan.FromSeconds(1);

    /// <summary>Comparisons are frequent at first: many nodes start together, and each is welcomed by one that does not know all yet.</summary>
    private TimeSpan StartedAt { get; init; }

    private TimeSpan NextSync { get; init; }

    /// <summary>The hash of the view when it was looked at, with each probe, and since when it is the same.</summary>
    private ulong SeenHash { get; init; }

    private TimeSpan SeenAt { get; init; }

    /// <summary>Of those that are down or have left.</summary>
    private ImmutableSortedSet<RpcAddress> Gone { get; init; } = ImmutableSortedSet<RpcAddress>.Empty.WithComparer(AddressOrder.Comparer);

    private Swim Join(SwimEffects effects)
    {
        var call = new FullState(Self.Address, IsAnswer: false, [SelfRumor]);
        foreach (var seed in Options.Seeds.Where(seed => seed != Self.Address)) effects.Send(seed, call);
        return this;
    }

    private Swim Sync(TimeSpan now, SwimEffects effects)
    {
        if (now < NextSync) return this;
        var state = Forget(now);
        if (Others == 0) return state.Join(effects).ReachOut(effects) with { NextSync = now + JoinPause };
        state = state with { NextSync = now + Earlier(Options.SyncInterval, now - StartedAt) };
        if (state.IsOneOf(ReachOutEvery, out state)) state = state.ReachOut(effects);
        if (!state.IsQuiet(now) && !state.IsOneOf(CompareAnywayEvery, out state)) return state with { NextSync = Earlier(state.NextSync, now + NewsTime) };
        (var picked, state) = state.PickOthers(1, except: default);
        foreach (var address in picked) effects.Send(address, new Digest(Self.Address, Hash));
        return state;
    }

    /// <summary>Calls a node that is lost: if it lives, it answers with all that it knows, also that this one is dead, and both speak for themselves.</summary>
    private Swim ReachOut(SwimEffects effects)
    {
        var lost = Gone.Where(address => Members[address].Status == MemberStatus.Down)
            .Concat(Options.Seeds.Where(seed => seed != Self.Address && !Members.ContainsKey(seed))).ToArray();
        if (lost.Length == 0) return this;
        var (index, random) = Random.Next(lost.Length);
        effects.Send(lost[index], new Digest(Self.Address, Hash));
        return this with { Random = random };
    }

    private Swim OnDigest(Digest message, TimeSpan now, SwimEffects effects)
    {
        if (message.Hash == Hash) return this;
        var isThere = Members.TryGetValue(message.From, out var entry) && entry.IsThere;
        var state = this;
        if (isThere && !IsQuiet(now) && !IsOneOf(CompareAnywayEvery, out state))
        {
            // The news under way may be all that the other lacks.
            (var rumors, state) = state.RumorsFor(message.From);
            effects.Send(message.From, new News(Self.Address, rumors));
            return state;
        }

        effects.Send(message.From, FullState(isAnswer: false, now));
        return state;
    }

    private Swim OnFullState(FullState message, TimeSpan now, SwimEffects effects)
    {
        var isWelcome = Others == 0;
        var state = Hear(message.Rumors, isSync: true, now, effects);

        // Those who welcome a node know all that it hears; what they do not know is the node itself.
        if (isWelcome) state = state with { Rumors = new RumorQueue().Add(state.SelfRumor) };
        if (!message.IsAnswer) effects.Send(message.From, state.FullState(isAnswer: true, now));
        return state;
    }

    private FullState FullState(bool isAnswer, TimeSpan now)
    {
        var all = ImmutableArray.CreateBuilder<MemberRumor>(Members.Count + 1);
        all.Add(SelfRumor);
        foreach (var entry in Members.Values) all.Add(entry.IsThere ? RumorOf(entry) : RumorOf(entry) with { Age = now - entry.Since });
        return new FullState(Self.Address, isAnswer, all.DrainToImmutable());
    }

    private Swim Forget(TimeSpan now)
    {
        var old = Gone.Where(address => now - Members[address].Since > Options.ForgetAfter).ToArray();
        return old.Length == 0 ? this : this with { Members = Members.RemoveRange(old), Gone = Gone.Except(old) };
    }

    private bool IsQuiet(TimeSpan now) => GroupSize < LargeGroup || (Hash == SeenHash && now - SeenAt >= NewsTime);

    private bool IsOneOf(int many, out Swim left)
    {
        var (number, random) = Random.Next(many);
        left = this with { Random = random };
        return number == 0;
    }
}
