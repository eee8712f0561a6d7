using System.Collections.Immutable;

namespace Sparkish.Membership.Protocol;

/// <content>Joining, and the comparing of views that mends what gossip missed.</content>
internal sealed partial record Swim
{
    /// <summary>How often a node that is alone calls the seeds.</summary>
    private static readonly TimeSpan JoinPause = TimeSpan.FromSeconds(1);

    /// <summary>One comparison of so many goes to a node that is down, or to a seed that is not known: parted groups find each other by it.</summary>
    private const int ReachOutEvery = 3;

    private Swim Join(SwimEffects effects)
    {
        var state = FullState(isAnswer: false);
        foreach (var seed in Options.Seeds.Where(seed => seed != Self.Address)) effects.Send(seed, state);
        return this;
    }

    private Swim Sync(TimeSpan now, SwimEffects effects)
    {
        if (now < NextSync) return this;
        if (Others == 0) return Join(effects).ReachOut(effects) with { NextSync = now + JoinPause };
        var state = Forget(now) with { NextSync = now + Options.SyncInterval };
        (var chance, var random) = state.Random.Next(ReachOutEvery);
        state = state with { Random = random };
        if (chance == 0) state = state.ReachOut(effects);
        (var picked, state) = state.PickOthers(1, except: default);
        foreach (var address in picked) effects.Send(address, new Digest(Self.Address, Hash));
        return state;
    }

    private Swim ReachOut(SwimEffects effects)
    {
        var lost = Members.Values.Where(static entry => entry.Status == MemberStatus.Down).Select(static entry => entry.Member.Address)
            .Concat(Options.Seeds.Where(seed => seed != Self.Address && !Members.ContainsKey(seed))).ToArray();
        if (lost.Length == 0) return this;
        var (index, random) = Random.Next(lost.Length);
        effects.Send(lost[index], FullState(isAnswer: false));
        return this with { Random = random };
    }

    private Swim OnDigest(Digest message, SwimEffects effects)
    {
        if (message.Hash != Hash) effects.Send(message.From, FullState(isAnswer: false));
        return this;
    }

    private Swim OnFullState(FullState message, SwimEffects effects)
    {
        if (!message.IsAnswer) effects.Send(message.From, FullState(isAnswer: true));
        return this;
    }

    private FullState FullState(bool isAnswer)
    {
        var all = ImmutableArray.CreateBuilder<MemberRumor>(Members.Count + 1);
        all.Add(SelfRumor);
        foreach (var entry in Members.Values) all.Add(RumorOf(entry));
        return new FullState(Self.Address, isAnswer, all.DrainToImmutable());
    }

    private Swim Forget(TimeSpan now)
    {
        var old = Members.Values.Where(entry => !entry.IsThere && now - entry.Since > Options.ForgetAfter).Select(static entry => entry.Member.Address);
        return this with { Members = Members.RemoveRange(old.ToArray()) };
    }
}
