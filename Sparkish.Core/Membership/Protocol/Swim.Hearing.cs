using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <content>What is heard, said and concluded of members.</content>
internal sealed partial record Swim
{
    /// <summary>How many, about, tell a node that they held it for dead.</summary>
    private const int TellersOfDeath = 10;

    /// <param name="isSync">Whether this is all that a node knows, old things included, and not news on its way.</param>
    private Swim Hear(ImmutableArray<MemberRumor> rumors, bool isSync, TimeSpan now, SwimEffects effects)
    {
        var state = this;
        foreach (var rumor in rumors) state = rumor.Member.Address == Self.Address ? state.HearOfSelf(rumor, effects) : state.Hear(rumor, isSync, now, effects);
        return state;
    }

    private Swim Hear(MemberRumor rumor, bool isSync, TimeSpan now, SwimEffects effects)
    {
        if (!Members.TryGetValue(rumor.Member.Address, out var known)) return Meet(rumor, isSync, now, effects);
        if (isSync && rumor.Status == MemberStatus.Down && known.IsThere)
        {
            // As memberlist has it: groups that were parted hold each other for dead, and after the parting all get time to speak for themselves.
            rumor = rumor with { Status = MemberStatus.Suspected, Reason = $"{rumor.By} holds it for dead", Age = TimeSpan.Zero };
        }

        if (known.Member.Uid == rumor.Member.Uid && known.Incarnation == rumor.Incarnation)
        {
            if (known.Status == MemberStatus.Suspected && rumor.Status == MemberStatus.Suspected) return Confirm(known, rumor, [], now, effects);
            return rumor.Status > known.Status ? Change(known, rumor, now, effects) : this;
        }

        var isNewer = (rumor.Incarnation, rumor.Member.Uid).CompareTo((known.Incarnation, known.Member.Uid)) > 0;
        return isNewer ? Renew(known, rumor, now, effects) : this;
    }

    private Swim Meet(MemberRumor rumor, bool isSync, TimeSpan now, SwimEffects effects)
    {
        if (rumor.Status >= MemberStatus.Down)
        {
            // Of one that was never met only its tomb is kept, so that old news does not raise it, and no longer than others keep it.
            if (rumor.Age >= Options.ForgetAfter) return this;
            var buried = Set(EntryOf(rumor, now));
            return isSync ? buried : buried.Tell(rumor);
        }

        var met = Set(EntryOf(rumor with { Status = MemberStatus.Up, Reason = "" }, now)).Enlist(rumor.Member.Address).Tell(rumor with { Status = MemberStatus.Up });
        effects.Raise(new MemberUp(rumor.Member));
        return rumor.Status == MemberStatus.Suspected ? met.Hear(rumor, isSync, now, effects) : met;
    }

    /// <summary>A member has spoken for itself, or another process has its address: all that was thought of it is void.</summary>
    private Swim Renew(MemberEntry known, MemberRumor rumor, TimeSpan now, SwimEffects effects)
    {
        var isOther = known.Member.Uid != rumor.Member.Uid;
        if (isOther && known.IsThere) effects.Raise(new MemberDown(known.Member, $"another process listens at {known.Member.Address}"));
        var wasUp = known.Status == MemberStatus.Up && !isOther && known.Member.TellsTheSame(rumor.Member);
        if (rumor.Status >= MemberStatus.Down)
        {
            // Its own words were missed, and its end is heard first.
            var end = Set(EntryOf(rumor, now)).Tell(rumor);
            if (known.IsThere && !isOther) effects.Raise(EndOf(rumor));
            return end;
        }

        var state = Set(new MemberEntry(rumor.Member, rumor.Incarnation, MemberStatus.Up, now)).Tell(rumor with { Status = MemberStatus.Up });
        if (!known.IsThere) state = state.Enlist(rumor.Member.Address);
        if (known.Status == MemberStatus.Down && !isOther) state = state.TellOfDeath(known, effects);
        if (!wasUp) effects.Raise(new MemberUp(rumor.Member));
        return rumor.Status == MemberStatus.Suspected ? state.Hear(rumor, isSync: false, now, effects) : state;
    }

    /// <summary>
    /// One that lives has to know that it was taken for dead, and its own sign of life may have been faster than the news of that. So some of those who
    /// held it for dead say so to itself.
    /// </summary>
    private Swim TellOfDeath(MemberEntry known, SwimEffects effects)
    {
        var isSpared = !IsOneOf(Math.Max(1, GroupSize / TellersOfDeath), out var state);
        if (!isSpared) effects.Send(known.Member.Address, new News(Self.Address, [RumorOf(known)]));
        return state;
    }

    /// <summary>Worse is heard of the same incarnation.</summary>
    private Swim Change(MemberEntry known, MemberRumor rumor, TimeSpan now, SwimEffects effects)
    {
        if (rumor.Status == MemberStatus.Suspected) return Suspect(known, rumor, now, [], now, effects);
        if (known.IsThere) effects.Raise(EndOf(rumor));
        return Set(EntryOf(rumor, now)).Tell(rumor);
    }

    private Swim Suspect(MemberEntry known, MemberRumor rumor, TimeSpan since, ImmutableHashSet<RpcAddress> inVain, TimeSpan now, SwimEffects effects)
    {
        var suspicion = new Suspicion(since, IsOwn: rumor.By == Self.Address, inVain.Add(rumor.By), rumor.IsRefused ? [rumor.By] : [], rumor.Reason);
        effects.Raise(new MemberSuspected(known.Member, rumor.By, rumor.Reason));
        var entry = known with { Status = MemberStatus.Suspected, Since = now, Suspicion = suspicion };
        return Set(entry).Tell(rumor).Conclude(entry, now, effects);
    }

    private Swim Confirm(MemberEntry known, MemberRumor rumor, ImmutableHashSet<RpcAddress> inVain, TimeSpan now, SwimEffects effects)
    {
        var suspicion = known.Suspicion!;
        var by = suspicion.By.Union(inVain).Add(rumor.By);
        var isNews = by.Count > suspicion.By.Count || (rumor.IsRefused && !suspicion.Refused.Contains(rumor.By)) || (!suspicion.IsOwn && rumor.By == Self.Address);
        if (!isNews) return this;
        var entry = known with
        {
            Suspicion = suspicion with
            {
                By = by,
                Refused = rumor.IsRefused ? suspicion.Refused.Add(rumor.By) : suspicion.Refused,
                IsOwn = suspicion.IsOwn || rumor.By == Self.Address,
            },
        };

        // Lifeguard passes on as many independent suspicions as shorten the time.
        var state = Set(entry);
        return (by.Count <= Options.SuspicionConfirmations + 1 ? state.Tell(rumor) : state).Conclude(entry, now, effects);
    }

    /// <summary>A process whose address refuses connections for two nodes, or for the only other one, is gone, and need not be waited for.</summary>
    private Swim Conclude(MemberEntry entry, TimeSpan now, SwimEffects effects) =>
        entry.Suspicion!.Refused.Count >= Math.Min(2, Others) ? Bury(entry, "its process is gone", now, effects) : this;

    private Swim Bury(MemberEntry entry, string why, TimeSpan now, SwimEffects effects)
    {
        var suspicion = entry.Suspicion!;
        var reason = $"{why}: {suspicion.Reason}, by {string.Join(", ", suspicion.By.Order(AddressOrder.Comparer).Take(4))}{(suspicion.By.Count > 4 ? $" and {suspicion.By.Count - 4} more" : "")}";
        var end = new MemberRumor(entry.Member, entry.Incarnation, MemberStatus.Down, Self.Address, reason);
        effects.Raise(EndOf(end));
        return Set(entry with { Status = MemberStatus.Down, Since = now, Reason = reason, Suspicion = null }).Tell(end);
    }

    /// <summary>Whatever is said of this node that it did not say itself, it answers with a higher incarnation.</summary>
    private Swim HearOfSelf(MemberRumor rumor, SwimEffects effects)
    {
        if (rumor.Status == MemberStatus.Down && rumor.Member.Uid == Self.Uid && rumor.Incarnation > LastDeath)
        {
            // Also when it has spoken for itself since: others have acted on its death, and what they took from it is theirs.
            effects.Raise(new MemberDown(Self, $"the others took this node for dead ({rumor.Reason})"));
            effects.Raise(new MemberUp(Self));
            return (this with { LastDeath = rumor.Incarnation }).HearOfSelf(rumor, effects);
        }

        var isOwnWord = rumor.Member.Uid == Self.Uid && rumor.Status == MemberStatus.Up && rumor.Incarnation <= Incarnation;
        if (isOwnWord || rumor.Incarnation < Incarnation) return this;
        var incarnation = rumor.Incarnation + 1;
        var score = rumor.Member.Uid == Self.Uid ? Math.Min(HealthScore + 1, Options.MaxHealthScore) : HealthScore;
        return (this with
        {
            Incarnation = incarnation,
            HealthScore = score,
            Hash = Hash ^ MemberEntry.HashOf(Self, Incarnation) ^ MemberEntry.HashOf(Self, incarnation),
        }).Tell(new MemberRumor(Self, incarnation, MemberStatus.Up, Self.Address));
    }

    private Swim CheckSuspects(TimeSpan now, SwimEffects effects)
    {
        var state = this;
        foreach (var address in Suspects)
        {
            if (state.Members[address] is not { Suspicion: { } suspicion } entry) continue;
            var (at, isEnd) = suspicion.Next(Options, state.GroupSize);
            if (now < at) continue;
            state = isEnd ? state.Bury(entry, $"silent for {(now - suspicion.Since).TotalSeconds:0.0} s", now, effects) : state.LastCall(entry, now, effects);
        }

        return state;
    }

    private Swim LastCall(MemberEntry entry, TimeSpan now, SwimEffects effects)
    {
        var address = entry.Member.Address;
        effects.Send(address, new Ping(Self.Address, NextNumber, [RumorOf(entry)]));
        return Set(entry with { Suspicion = entry.Suspicion! with { LastCalls = entry.Suspicion.LastCalls + 1, LastCallAt = now } }) with { NextNumber = NextNumber + 1 };
    }

    private static MemberEvent EndOf(MemberRumor rumor) => rumor.Status == MemberStatus.Left ? new MemberLeft(rumor.Member) : new MemberDown(rumor.Member, rumor.Reason);

    private static MemberEntry EntryOf(MemberRumor rumor, TimeSpan now) =>
        new(rumor.Member, rumor.Incarnation, rumor.Status, rumor.Age > TimeSpan.Zero ? now - rumor.Age : now, rumor.Reason);

    private Swim Set(MemberEntry entry)
    {
        var address = entry.Member.Address;
        var before = Members.GetValueOrDefault(address);
        var state = this with
        {
            Members = Members.SetItem(address, entry),
            Gone = entry.IsThere ? Gone.Remove(address) : Gone.Add(address),
            Suspects = entry.Status == MemberStatus.Suspected ? Suspects.Add(address) : Suspects.Remove(address),
            Others = Others + (entry.IsThere ? 1 : 0) - (before is { IsThere: true } ? 1 : 0),
            Hash = Hash ^ entry.Hash ^ (before?.Hash ?? 0),
        };
        return entry.Status == before?.Status ? state : state.FollowRing(entry);
    }
}
