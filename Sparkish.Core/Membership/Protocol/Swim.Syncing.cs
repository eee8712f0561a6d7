using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <content>Joining, and the comparing of views that mends what gossip missed.</content>
internal sealed partial record Swim
{
    /// <summary>One comparison of so many goes to a node that is down, or to a seed that is not known: parted groups find each other by it.</summary>
    private const int ReachOutEvery = 3;

    /// <summary>Views differ while news travels; of so many comparisons only one is made then, lest a large group sends all it knows for nothing.</summary>
    private const int CompareAnywayEvery = 4;

    /// <summary>How often a node that is alone calls the seeds.</summary>
    private static readonly TimeSpan JoinPause = TimeSpan.FromSeconds(1);

    private TimeSpan NextSync { get; init; }

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
        state = state with { NextSync = now + Options.SyncInterval };
        if (state.IsOneOf(ReachOutEvery, out state)) state = state.ReachOut(effects);
        if (!state.Rumors.IsEmpty && !state.IsOneOf(CompareAnywayEvery, out state)) return state;
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
        var state = this;
        var isStranger = !Members.TryGetValue(message.From, out var entry) || !entry.IsThere;
        if (!isStranger && !Rumors.IsEmpty && !IsOneOf(CompareAnywayEvery, out state)) return state;
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

    private bool IsOneOf(int many, out Swim left)
    {
        var (number, random) = Random.Next(many);
        left = this with { Random = random };
        return number == 0;
    }
}
