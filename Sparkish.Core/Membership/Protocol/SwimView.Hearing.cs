using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <content>Processes rumors about members, and about this node itself.</content>
internal sealed partial record SwimView
{
    /// <summary>Processes a rumor.</summary>
    /// <param name="rumor">The news.</param>
    /// <param name="isSync">Whether it is part of another node's full view, which includes old state, and not a spreading rumor.</param>
    /// <param name="step">The step that it is part of.</param>
    /// <param name="isDoubted">Whether its sender is doubted, see <see cref="Doubts"/>.</param>
    public SwimView Hear(MemberRumor rumor, bool isSync, SwimStep step, bool isDoubted = false)
    {
        if (rumor.Member.Address == Self.Address) return HearOfSelf(rumor, isDoubted, step);
        if (!Members.TryGetValue(rumor.Member.Address, out var known)) return Meet(rumor, isSync, step);
        if ((isSync || isDoubted) && rumor.Status == MemberStatus.Down && known.IsThere)
        {
            // As in memberlist: separated groups consider each other dead, and after the separation all get time to refute that.
            rumor = rumor with { Status = MemberStatus.Suspected, Reason = $"{rumor.By} considers it dead", Age = TimeSpan.Zero };
        }

        if (known.Member.Uid == rumor.Member.Uid && known.Incarnation == rumor.Incarnation)
        {
            if (known.Status == MemberStatus.Suspected && rumor.Status == MemberStatus.Suspected) return Confirm(known, rumor, [], step);
            return rumor.Status > known.Status ? Change(known, rumor, step) : this;
        }

        var isNewer = (rumor.Incarnation, rumor.Member.Uid).CompareTo((known.Incarnation, known.Member.Uid)) > 0;
        return isNewer ? Renew(known, rumor, step) : this;
    }

    /// <summary>
    /// Whether a node's rumors about deaths are doubted: this node suspects it or considers it dead, or did so recently. It may have been cut off, and then it
    /// considers all others dead, although many hear them; its rumors only make them suspected.
    /// </summary>
    public bool Doubts(RpcAddress from, TimeSpan now) =>
        Members.TryGetValue(from, out var entry) && (entry.Status is MemberStatus.Suspected or MemberStatus.Down || now < entry.DoubtedUntil);

    private SwimView Meet(MemberRumor rumor, bool isSync, SwimStep step)
    {
        if (rumor.Status >= MemberStatus.Down)
        {
            // Of an unknown dead member only the tombstone is kept, so that an old rumor does not revive it, and no longer than others keep it.
            if (rumor.Age >= step.Options.ForgetAfter) return this;
            if (!isSync) step.Changed(new ViewChange.News(rumor));
            return Set(EntryOf(rumor, step.Now));
        }

        var met = Set(EntryOf(rumor with { Status = MemberStatus.Up, Reason = "" }, step.Now));
        step.Changed(new ViewChange.Met(rumor.Member.Address));
        step.Changed(new ViewChange.News(rumor with { Status = MemberStatus.Up }));
        step.Raise(new MemberUp(rumor.Member));
        return rumor.Status == MemberStatus.Suspected ? met.Hear(rumor, isSync, step) : met;
    }

    /// <summary>Called when a member has refuted its status, or another process has its address: all suspicions are void.</summary>
    private SwimView Renew(MemberEntry known, MemberRumor rumor, SwimStep step)
    {
        var isOther = known.Member.Uid != rumor.Member.Uid;
        if (isOther && known.IsThere) step.Raise(new MemberDown(known.Member, $"another process listens at {known.Member.Address}"));
        var wasUp = known.Status == MemberStatus.Up && !isOther && known.Member.TellsTheSame(rumor.Member);
        if (rumor.Status >= MemberStatus.Down)
        {
            // Its own messages were missed, and its end is heard first.
            step.Changed(new ViewChange.News(rumor));
            if (known.IsThere && !isOther) step.Raise(EndOf(rumor));
            return Set(EntryOf(rumor, step.Now));
        }

        var view = Set(new MemberEntry(rumor.Member, rumor.Incarnation, MemberStatus.Up, step.Now) { DoubtedUntil = DoubtOf(known, isOther, step) });
        step.Changed(new ViewChange.News(rumor with { Status = MemberStatus.Up }));
        if (!known.IsThere) step.Changed(new ViewChange.Met(rumor.Member.Address));
        if (known.Status == MemberStatus.Down && !isOther) step.Changed(new ViewChange.Revived(known));
        if (!wasUp) step.Raise(new MemberUp(rumor.Member));
        return rumor.Status == MemberStatus.Suspected ? view.Hear(rumor, isSync: false, step) : view;
    }

    /// <summary>Worse is heard of the same incarnation.</summary>
    private SwimView Change(MemberEntry known, MemberRumor rumor, SwimStep step)
    {
        if (rumor.Status == MemberStatus.Suspected) return Suspect(known, rumor, since: step.Now, [], step);
        if (known.IsThere) step.Raise(EndOf(rumor));
        step.Changed(new ViewChange.News(rumor));
        return Set(EntryOf(rumor, step.Now));
    }

    /// <summary>Answers any rumor about this node that it did not start itself with a higher incarnation.</summary>
    private SwimView HearOfSelf(MemberRumor rumor, bool isDoubted, SwimStep step)
    {
        var isOwn = rumor.Member.Uid == Self.Uid;
        var isDeath = isOwn && rumor.Status == MemberStatus.Down && rumor.Incarnation > LastDeath;
        if (isDeath && (isDoubted || Doubts(rumor.By, step.Now)) && !WasCutOff(step.Now))
            return (this with { LastDeath = rumor.Incarnation }).HearOfSelf(rumor, isDoubted, step); // a cut-off node said so: no other node believes it
        if (isDeath)
        {
            // Even if it has refuted its death since: others have acted on its death, and its work now belongs to them.
            step.Raise(new MemberDown(Self, $"the other nodes considered this node dead ({rumor.Reason})"));
            step.Raise(new MemberUp(Self));
            step.Changed(new ViewChange.CutOff());
            return (this with { LastDeath = rumor.Incarnation, DiedAt = step.Now }).HearOfSelf(rumor, isDoubted, step);
        }

        var isOwnWord = isOwn && rumor.Status == MemberStatus.Up && rumor.Incarnation <= Incarnation;
        if (isOwnWord || rumor.Incarnation < Incarnation) return this;
        if (isOwn) step.Changed(new ViewChange.Accused());
        var isClaim = !isOwn && rumor.Status < MemberStatus.Down;
        var view = isClaim ? Contest(rumor.Member, step) : this;
        if (view.HasYielded) return view;
        view = view.SpeakingAs(rumor.Incarnation + 1);
        step.Changed(new ViewChange.News(view.SelfRumor));
        return view;
    }

    /// <summary>
    /// Called when another process claims this node's address. An earlier life is answered once and is silent then; a process that answers back is alive. One
    /// of two live processes yields, so that the two do not replace each other forever.
    /// </summary>
    private SwimView Contest(Member rival, SwimStep step)
    {
        var answers = Rival?.Uid == rival.Uid ? RivalAnswers + 1 : 1;
        if (answers == AnswersOfOneThatLives) step.Rival(rival);
        var view = this with { Rival = rival, RivalAnswers = answers };
        if (answers < AnswersUntilOneYields || Self.Uid > rival.Uid) return view;
        step.Raise(new MemberDown(Self, $"another process, {rival.Name}, uses the address {Self.Address}"));
        return view with { HasYielded = true };
    }

    private static TimeSpan DoubtOf(MemberEntry known, bool isOther, SwimStep step)
    {
        if (isOther) return TimeSpan.MinValue;
        return known.Status == MemberStatus.Up ? known.DoubtedUntil : step.Now + LostTogether;
    }

    private static MemberEvent EndOf(MemberRumor rumor) =>
        rumor.Status == MemberStatus.Left ? new MemberLeft(rumor.Member) : new MemberDown(rumor.Member, rumor.Reason);

    private static MemberEntry EntryOf(MemberRumor rumor, TimeSpan now) =>
        new(rumor.Member, rumor.Incarnation, rumor.Status, rumor.Age > TimeSpan.Zero ? now - rumor.Age : now, rumor.Reason);
}
