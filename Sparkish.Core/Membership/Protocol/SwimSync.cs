using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>Joins, and compares views, which repairs what gossip missed. An immutable value.</summary>
internal sealed record SwimSync
{
    /// <summary>Every n-th comparison goes to a node that is down, or to an unknown seed: separated groups find each other this way.</summary>
    private const int ReachOutEvery = 3;

    /// <summary>Views differ while rumors spread; in a large group only every n-th comparison is then made, to avoid needless full transfers.</summary>
    private const int CompareAnywayEvery = 4;

    /// <summary>A full view of this many nodes has some tens of KiB.</summary>
    private const int LargeGroup = 256;

    /// <summary>Time after the last change of its view during which a node expects rumors to be spreading.</summary>
    private static readonly TimeSpan NewsTime = TimeSpan.FromSeconds(3);

    /// <summary>Interval at which a node without peers contacts the seeds.</summary>
    private static readonly TimeSpan JoinPause = TimeSpan.FromSeconds(1);

    /// <summary>The time of the next comparison.</summary>
    public TimeSpan Due { get; private init; }

    /// <summary>Comparisons are frequent at first: many nodes start together, and each is welcomed by one that does not have the full view yet.</summary>
    private TimeSpan StartedAt { get; init; }

    /// <summary>The hash of the view when it was looked at, with each probe, and since when it is the same.</summary>
    private ulong SeenHash { get; init; }

    private TimeSpan SeenAt { get; init; }

    /// <summary>Calls the seeds.</summary>
    public static SwimSync Start(SwimView view, SwimStep step)
    {
        CallSeeds(view, step);
        return new SwimSync { StartedAt = step.Now, Due = step.Now + JoinPause };
    }

    /// <summary>The same after a pause in which this node heard nothing.</summary>
    public SwimSync Later(TimeSpan pause) => this with { Due = Due + pause };

    /// <summary>Records whether the view has changed.</summary>
    public SwimSync Look(SwimView view, SwimStep step) => view.Hash == SeenHash ? this : this with { SeenHash = view.Hash, SeenAt = step.Now };

    /// <summary>Compares views with another node, or looks for lost nodes, when <see cref="Due"/>.</summary>
    public SwimSync Run(SwimView view, ProbeRound round, SwimStep step)
    {
        if (view.Others == 0)
        {
            CallSeeds(view, step);
            ReachOut(view, step);
            return this with { Due = step.Now + JoinPause };
        }

        var next = this with { Due = step.Now + Earlier(step.Options.SyncInterval, step.Now - StartedAt) };
        if (step.IsOneOf(ReachOutEvery)) ReachOut(view, step);
        if (!IsQuiet(view, step) && !step.IsOneOf(CompareAnywayEvery)) return this with { Due = Earlier(next.Due, step.Now + NewsTime) };
        foreach (var address in round.Pick(1, except: default, view, step)) step.Send(address, new Digest(view.Self.Address, view.Hash));
        return next;
    }

    /// <summary>
    /// Answers a comparison: with nothing if the views are equal, with the full view if they differ, or with rumors only while some are spreading.
    /// </summary>
    public void OnDigest(Digest message, SwimView view, SwimStep step)
    {
        if (message.Hash == view.Hash) return;
        var newsWillDo = view.There(message.From) is not null && !IsQuiet(view, step) && !step.IsOneOf(CompareAnywayEvery);
        if (newsWillDo) step.Carry(message.From, new News(view.Self.Address, []));
        else step.Send(message.From, new FullState(view.Self.Address, IsAnswer: false, view.All(step.Now)));
    }

    /// <summary>Answers a full view with the own one, unless it is itself an answer.</summary>
    public static void OnFullState(FullState message, SwimView view, SwimStep step)
    {
        if (!message.IsAnswer) step.Send(message.From, new FullState(view.Self.Address, IsAnswer: true, view.All(step.Now)));
    }

    private static void CallSeeds(SwimView view, SwimStep step)
    {
        var call = new FullState(view.Self.Address, IsAnswer: false, [view.SelfRumor]);
        foreach (var seed in step.Options.Seeds.Where(seed => seed != view.Self.Address)) step.Send(seed, call);
    }

    /// <summary>Contacts a lost node: if it is alive, it answers with its full view, in which this node is dead too, and both refute their deaths.</summary>
    private static void ReachOut(SwimView view, SwimStep step)
    {
        var seeds = step.Options.Seeds.Where(seed => seed != view.Self.Address && !view.Members.ContainsKey(seed));
        RpcAddress[] lost = [.. view.Gone.Where(address => view.Members[address].Status == MemberStatus.Down), .. seeds];
        if (lost.Length > 0) step.Send(lost[step.Next(lost.Length)], new Digest(view.Self.Address, view.Hash));
    }

    private bool IsQuiet(SwimView view, SwimStep step) => view.GroupSize < LargeGroup || (view.Hash == SeenHash && step.Now - SeenAt >= NewsTime);

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
