using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>Rumors to spread: one per member, the least sent first, each until it was sent often enough to reach all nodes.</summary>
internal sealed record RumorQueue
{
    private static readonly Comparer<Waiting> LeastToldFirst = Comparer<Waiting>.Create(static (a, b) =>
        a.Sends != b.Sends ? a.Sends.CompareTo(b.Sends) : b.Number.CompareTo(a.Number));

    private ImmutableSortedSet<Waiting> InOrder { get; init; } = ImmutableSortedSet<Waiting>.Empty.WithComparer(LeastToldFirst);

    private ImmutableDictionary<RpcAddress, Waiting> ByMember { get; init; } = ImmutableDictionary<RpcAddress, Waiting>.Empty;

    private long NextNumber { get; init; }

    public int Count => ByMember.Count;

    /// <summary>Adds a rumor, which replaces an older one about the same member.</summary>
    public RumorQueue Add(MemberRumor rumor)
    {
        var waiting = new Waiting(rumor, 0, NextNumber);
        var others = ByMember.TryGetValue(rumor.Member.Address, out var older) ? InOrder.Remove(older) : InOrder;
        return this with { InOrder = others.Add(waiting), ByMember = ByMember.SetItem(rumor.Member.Address, waiting), NextNumber = NextNumber + 1 };
    }

    /// <summary>Returns the queue without rumors of deaths.</summary>
    public RumorQueue WithoutDeaths()
    {
        var deaths = ByMember.Where(static waiting => waiting.Value.Rumor.Status == MemberStatus.Down).ToArray();
        return deaths.Length == 0 ? this : this with
        {
            InOrder = InOrder.Except(deaths.Select(static waiting => waiting.Value)),
            ByMember = ByMember.RemoveRange(deaths.Select(static waiting => waiting.Key)),
        };
    }

    /// <summary>Takes the rumors for the next message; those that were sent often enough are dropped.</summary>
    public (RumorQueue Left, ImmutableArray<MemberRumor> Taken) Take(int most, int sendsEach)
    {
        if (Count == 0) return (this, []);
        var rest = this;
        var taken = ImmutableArray.CreateBuilder<MemberRumor>(Math.Min(most, Count));
        foreach (var waiting in InOrder.Take(most))
        {
            taken.Add(waiting.Rumor);
            var told = waiting with { Sends = waiting.Sends + 1 };
            var isDone = told.Sends >= sendsEach;
            rest = rest with
            {
                InOrder = isDone ? rest.InOrder.Remove(waiting) : rest.InOrder.Remove(waiting).Add(told),
                ByMember = isDone ? rest.ByMember.Remove(waiting.Rumor.Member.Address) : rest.ByMember.SetItem(waiting.Rumor.Member.Address, told),
            };
        }

        return (rest, taken.DrainToImmutable());
    }

    private sealed record Waiting(MemberRumor Rumor, int Sends, long Number);
}
