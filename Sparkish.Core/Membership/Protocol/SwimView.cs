using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>
/// One node's view of the others and of itself: an immutable value. States of a member are ordered by incarnation and then by status. A merge takes the larger
/// of two, so views converge regardless of the order of rumors. Only a member itself increments its incarnation, to refute a suspicion or its death.
/// </summary>
internal sealed partial record SwimView
{
    /// <summary>A process of an earlier life does not answer; a live one does.</summary>
    private const int AnswersOfOneThatLives = 2;

    private const int AnswersUntilOneYields = 4;

    /// <summary>Losses within this time count as one. A node that was cut off considers the others dead within it, and is doubted for as long.</summary>
    private static readonly TimeSpan LostTogether = TimeSpan.FromSeconds(30);

    public required Member Self { get; init; }

    /// <summary>This node's own incarnation.</summary>
    public required long Incarnation { get; init; }

    /// <summary>All others that were ever heard of and are not forgotten.</summary>
    public ImmutableSortedDictionary<RpcAddress, MemberEntry> Members { get; private init; } =
        ImmutableSortedDictionary<RpcAddress, MemberEntry>.Empty.WithComparers(AddressOrder.Comparer);

    /// <summary>Number of other members that are present.</summary>
    public int Others { get; private init; }

    public int GroupSize => Others + 1;

    /// <summary>A hash of the present members; equal on all nodes that agree.</summary>
    public ulong Hash { get; private init; }

    /// <summary>The members that are down or have left.</summary>
    public ImmutableSortedSet<RpcAddress> Gone { get; private init; } = ImmutableSortedSet<RpcAddress>.Empty.WithComparer(AddressOrder.Comparer);

    public ImmutableSortedSet<RpcAddress> Suspects { get; private init; } = ImmutableSortedSet<RpcAddress>.Empty.WithComparer(AddressOrder.Comparer);

    /// <summary>The next node on the ring that is up: this node monitors it, and tells it new rumors.</summary>
    public RpcAddress? Follower { get; private init; }

    /// <summary>The latest of its own incarnations that others have considered dead: the node is told once per incarnation.</summary>
    private long LastDeath { get; init; } = -1;

    /// <summary>The last time at which this node learned that it had been considered dead.</summary>
    public TimeSpan DiedAt { get; private init; } = TimeSpan.MinValue;

    /// <summary>Whether this node yielded its address to another process, and takes no part any more.</summary>
    public bool HasYielded { get; private init; }

    /// <summary>Another process that claims this node's address, and how often it was answered.</summary>
    private Member? Rival { get; init; }

    private int RivalAnswers { get; init; }

    /// <summary>When this node last had as many others suspected or lost within moments as were left: as if it were cut off.</summary>
    private TimeSpan CutOffAt { get; init; } = TimeSpan.MinValue;

    public MemberRumor SelfRumor => new(Self, Incarnation, MemberStatus.Up, Self.Address);

    /// <summary>Creates a node that knows only itself.</summary>
    public static SwimView Of(Member self, long incarnation) => new() { Self = self, Incarnation = incarnation, Hash = MemberEntry.HashOf(self, incarnation) };

    /// <summary>The entry of a member that is up or suspected; null for others.</summary>
    public MemberEntry? There(RpcAddress address) => Members.TryGetValue(address, out var entry) && entry.IsThere ? entry : null;

    public bool IsUp(RpcAddress address) => Members.TryGetValue(address, out var entry) && entry.Status == MemberStatus.Up;

    /// <summary>Creates a view of a whole group at once, as if the node had heard of it long ago; for groups that are created complete.</summary>
    public SwimView Knowing(ImmutableSortedDictionary<RpcAddress, MemberEntry> all, ulong hash)
    {
        var view = this with { Members = all.Remove(Self.Address), Others = all.Count - 1, Hash = hash };
        return view with { Follower = view.FindFollower() };
    }

    /// <summary>Publishes the metadata of this node under a new incarnation that overrides the previous one.</summary>
    public SwimView Renewed(Member self, SwimStep step)
    {
        var renewed = (this with { Self = self }).SpeakingAs(Incarnation + 1);
        step.Changed(new ViewChange.News(renewed.SelfRumor));
        return renewed;
    }

    /// <summary>Returns the rumor about a member.</summary>
    public MemberRumor RumorOf(MemberEntry entry) => entry.Suspicion is { } suspicion
        ? new MemberRumor(entry.Member, entry.Incarnation, entry.Status, suspicion.By.Order(AddressOrder.Comparer)
            .First(), suspicion.Reason, !suspicion.Refused.IsEmpty)
        : new MemberRumor(entry.Member, entry.Incarnation, entry.Status, Self.Address, entry.Reason);

    /// <summary>Returns all rumors of this view.</summary>
    public ImmutableArray<MemberRumor> All(TimeSpan now)
    {
        var all = ImmutableArray.CreateBuilder<MemberRumor>(Members.Count + 1);
        all.Add(SelfRumor);
        foreach (var entry in Members.Values) all.Add(entry.IsThere ? RumorOf(entry) : RumorOf(entry) with { Age = now - entry.Since });
        return all.DrainToImmutable();
    }

    /// <summary>Forgets those that are gone for long.</summary>
    public SwimView Forget(SwimStep step)
    {
        var old = Gone.Where(address => step.Now - Members[address].Since > step.Options.ForgetAfter).ToArray();
        return old.Length == 0 ? this : this with { Members = Members.RemoveRange(old), Gone = Gone.Except(old) };
    }

    /// <summary>Whether it is more probable that this node was recently cut off than that all the members that it lost are dead.</summary>
    private bool WasCutOff(TimeSpan now) => CutOffAt != TimeSpan.MinValue && now - CutOffAt < LostTogether;

    private SwimView NoteLosses(TimeSpan now)
    {
        var missed = Suspects.Count(address => Members[address].Suspicion is { IsOwn: true });
        var lost = missed + Gone.Count(address => Members[address] is { Status: MemberStatus.Down } entry && now - entry.Since < LostTogether);
        return lost >= GroupSize - missed ? this with { CutOffAt = now } : this;
    }

    private SwimView SpeakingAs(long incarnation) =>
        this with { Incarnation = incarnation, Hash = Hash ^ MemberEntry.HashOf(Self, Incarnation) ^ MemberEntry.HashOf(Self, incarnation) };

    private SwimView Set(MemberEntry entry)
    {
        var address = entry.Member.Address;
        var before = Members.GetValueOrDefault(address);
        var view = this with
        {
            Members = Members.SetItem(address, entry),
            Gone = entry.IsThere ? Gone.Remove(address) : Gone.Add(address),
            Suspects = entry.Status == MemberStatus.Suspected ? Suspects.Add(address) : Suspects.Remove(address),
            Others = Others + (entry.IsThere ? 1 : 0) - (before is { IsThere: true } ? 1 : 0),
            Hash = Hash ^ entry.Hash ^ (before?.Hash ?? 0),
        };
        return entry.Status == before?.Status ? view : view.FollowRing(entry);
    }

    /// <summary>Keeps the follower when an entry has changed.</summary>
    private SwimView FollowRing(MemberEntry changed)
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
