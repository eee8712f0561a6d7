using System.Collections.Immutable;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>
/// The group as reported to one node: an immutable value to which changes are applied. Each change is bound to an incarnation, so a change of a process that
/// was replaced at its address has no effect.
/// </summary>
internal sealed class MemberList
{
    private readonly ImmutableSortedDictionary<RpcAddress, Entry> _entries;
    private MembershipSnapshot? _snapshot;

    private MemberList(Member self, long version, ImmutableSortedDictionary<RpcAddress, Entry> entries)
    {
        (Self, Version, _entries) = (self, version, entries);
    }

    /// <summary>A group of which only the node itself is known.</summary>
    public static MemberList Of(Member self)
    {
        var none = ImmutableSortedDictionary<RpcAddress, Entry>.Empty.WithComparers(AddressOrder.Comparer);
        return new MemberList(self, version: 0, none.Add(self.Address, new Entry(self, isSuspected: false, replaced: null)));
    }

    public Member Self { get; }

    public long Version { get; }

    public bool HasOthers => _entries.Count > (_entries.ContainsKey(Self.Address) ? 1 : 0);

    /// <summary>Created on first access, since in large groups most snapshots are never read.</summary>
    public MembershipSnapshot Snapshot => Volatile.Read(ref _snapshot) ?? (Interlocked.CompareExchange(ref _snapshot, NewSnapshot(), null) ?? _snapshot);

    /// <summary>Applies a change.</summary>
    /// <param name="change">The reported change.</param>
    /// <param name="told">Receives the events to publish, with versions; none if nothing has changed.</param>
    public MemberList After(MemberEvent change, List<MemberEvent> told)
    {
        var member = change.Member;
        var known = _entries.TryGetValue(member.Address, out var entry) ? entry : null;
        switch (change)
        {
            case MemberUp when known is { } other && other.Member != member: return other.Replaced == member.Uid ? this : Replace(other, member, told);
            case MemberUp when known is { IsSuspected: false } same && same.Member.TellsTheSame(member): return this;
            case MemberUp: return Tell(change, _entries.SetItem(member.Address, new Entry(member, isSuspected: false, known?.Replaced)), told);
            case MemberSuspected when known is { IsSuspected: false } same && same.Member == member:
                return Tell(change, _entries.SetItem(member.Address, new Entry(same.Member, isSuspected: true, same.Replaced)), told);
            case MemberDown or MemberLeft when known is { } same && same.Member == member: return Tell(change, _entries.Remove(member.Address), told);
            default: return this;
        }
    }

    private MemberList Replace(Entry old, Member member, List<MemberEvent> told)
    {
        var end = new MemberDown(old.Member, $"another process listens at {member.Address}");
        var entry = new Entry(member, isSuspected: false, replaced: old.Member.Uid);
        return Tell(end, _entries.Remove(member.Address), told).Tell(new MemberUp(member), _entries.SetItem(member.Address, entry), told);
    }

    private MemberList Tell(MemberEvent change, ImmutableSortedDictionary<RpcAddress, Entry> entries, List<MemberEvent> told)
    {
        told.Add(change with { Version = Version + 1 });
        return new MemberList(change is MemberUp && change.Member == Self ? change.Member : Self, Version + 1, entries);
    }

    private MembershipSnapshot NewSnapshot() => new(
        Version, Self, [.. _entries.Values.Select(static entry => entry.Member)],
            [.. _entries.Values.Where(static entry => entry.IsSuspected).Select(static entry => entry.Member)]);

    // Not a record: the dictionary keeps a value that equals the new one, and members are equal regardless of their metadata.
    /// <param name="member">The current member.</param>
    /// <param name="isSuspected">Whether it is suspected.</param>
    /// <param name="replaced">The incarnation that it replaced; null if none.</param>
    private sealed class Entry(Member member, bool isSuspected, long? replaced)
    {
        public Member Member => member;

        public bool IsSuspected => isSuspected;

        public long? Replaced => replaced;
    }
}
