using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <content>Suspicions: their start, confirmation and end.</content>
internal sealed partial record SwimView
{
    /// <summary>The time at which <see cref="CheckSuspects"/> has something to do.</summary>
    public TimeSpan SuspicionDue(SwimOptions options)
    {
        var due = TimeSpan.MaxValue;
        foreach (var address in Suspects)
        {
            var at = Members[address].Suspicion!.Next(options, GroupSize).At;
            if (at < due) due = at;
        }

        return due;
    }

    /// <summary>Called when this node and the nodes that it asked have missed a reply.</summary>
    public SwimView Missed(MissedAnswer missed, SwimStep step)
    {
        var entry = Members[missed.Address];
        var rumor = new MemberRumor(entry.Member, entry.Incarnation, MemberStatus.Suspected, Self.Address, missed.Reason, missed.IsRefused);
        return entry.Status == MemberStatus.Suspected ? Confirm(entry, rumor, missed.InVain, step) : Suspect(entry, rumor, missed.Since, missed.InVain, step);
    }

    /// <summary>Sends last calls to suspects, and gives up those that are silent for too long.</summary>
    public SwimView CheckSuspects(SwimStep step)
    {
        var view = this;
        foreach (var address in Suspects)
        {
            if (view.Members[address] is not { Suspicion: { } suspicion } entry) continue;
            var (at, isEnd) = suspicion.Next(step.Options, view.GroupSize);
            if (step.Now < at) continue;
            view = isEnd ? view.Bury(entry, $"silent for {(step.Now - suspicion.Since).TotalSeconds:0.0} s", step) : view.LastCall(entry, step);
        }

        return view;
    }

    /// <summary>The same after a pause in which this node heard nothing.</summary>
    public SwimView Later(TimeSpan pause)
    {
        var members = Members;
        foreach (var address in Suspects)
        {
            var entry = members[address];
            members = members.SetItem(address, entry with { Suspicion = entry.Suspicion!.Later(pause) });
        }

        return this with { Members = members };
    }

    private SwimView Suspect(MemberEntry known, MemberRumor rumor, TimeSpan since, ImmutableHashSet<RpcAddress> inVain, SwimStep step)
    {
        var suspicion = new Suspicion(since, IsOwn: rumor.By == Self.Address, inVain.Add(rumor.By), rumor.IsRefused ? [rumor.By] : [], rumor.Reason);
        step.Raise(new MemberSuspected(known.Member, rumor.By, rumor.Reason));
        step.Changed(new ViewChange.News(rumor));
        var entry = known with { Status = MemberStatus.Suspected, Since = step.Now, Suspicion = suspicion };
        return Set(entry).NoteLosses(step.Now).Conclude(entry, step);
    }

    private SwimView Confirm(MemberEntry known, MemberRumor rumor, ImmutableHashSet<RpcAddress> inVain, SwimStep step)
    {
        var suspicion = known.Suspicion!;
        var by = suspicion.By.Union(inVain).Add(rumor.By);
        var isFirstRefusal = rumor.IsRefused && !suspicion.Refused.Contains(rumor.By);
        var isNews = by.Count > suspicion.By.Count || isFirstRefusal || (!suspicion.IsOwn && rumor.By == Self.Address);
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
        if (by.Count <= step.Options.SuspicionConfirmations + 1) step.Changed(new ViewChange.News(rumor));
        return Set(entry).Conclude(entry, step);
    }

    /// <summary>A process whose address refuses connections for two nodes, or for the only other one, is gone; there is nothing to wait for.</summary>
    private SwimView Conclude(MemberEntry entry, SwimStep step) =>
        entry.Suspicion!.Refused.Count >= Math.Min(2, Others) ? Bury(entry, "its process is gone", step) : this;

    private SwimView Bury(MemberEntry entry, string why, SwimStep step)
    {
        var suspicion = entry.Suspicion!;
        var more = suspicion.By.Count > 4 ? $" and {suspicion.By.Count - 4} more" : "";
        var reason = $"{why}: {suspicion.Reason}, by {string.Join(", ", suspicion.By.Order(AddressOrder.Comparer).Take(4))}{more}";
        var end = new MemberRumor(entry.Member, entry.Incarnation, MemberStatus.Down, Self.Address, reason);
        step.Raise(EndOf(end));
        var view = Set(entry with { Status = MemberStatus.Down, Since = step.Now, Reason = reason, Suspicion = null }).NoteLosses(step.Now);

        // A cut-off node keeps its conclusions to itself: other cut-off nodes reach them too, and the rest know better.
        if (!view.WasCutOff(step.Now)) step.Changed(new ViewChange.News(end));
        return view;
    }

    private SwimView LastCall(MemberEntry entry, SwimStep step)
    {
        step.Send(entry.Member.Address, new Ping(Self.Address, step.TakeNumber(), [RumorOf(entry)]));
        return Set(entry with { Suspicion = entry.Suspicion! with { LastCalls = entry.Suspicion.LastCalls + 1, LastCallAt = step.Now } });
    }
}
