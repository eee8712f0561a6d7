namespace Sparkish.Membership.Protocol;

/// <summary>The state of one member in a node's view.</summary>
/// <param name="Member">The node.</param>
/// <param name="Incarnation">The last that was heard of.</param>
/// <param name="Status">The member's status.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reason">The reason, if it is down.</param>
/// <param name="Suspicion">The suspicion that runs, exactly while it is suspected.</param>
internal sealed record MemberEntry(Member Member, long Incarnation, MemberStatus Status, TimeSpan Since, string Reason = "", Suspicion? Suspicion = null)
{
    /// <summary>The time until which its rumors about deaths are doubted, since it was considered dead itself: it may have been cut off.</summary>
    public TimeSpan DoubtedUntil { get; init; } = TimeSpan.MinValue;

    /// <summary>Its place on the <see cref="Ring"/>.</summary>
    public ulong Place { get; } = Ring.PlaceOf(Member.Address);

    public bool IsThere => Status is MemberStatus.Up or MemberStatus.Suspected;

    /// <summary>Its part of the hash of a view: only for present members, since tombstones are forgotten at different times.</summary>
    public ulong Hash => IsThere ? HashOf(Member, Incarnation) : 0;

    public static ulong HashOf(Member member, long incarnation)
    {
        // FNV-1a over fields that are equal in all processes.
        var hash = 14695981039346656037UL;
        foreach (var character in member.Address.Host) hash = (hash ^ character) * 1099511628211UL;
        foreach (var part in (ReadOnlySpan<long>)[member.Address.Port, member.Uid, incarnation])
        {
            for (var shift = 0; shift < 64; shift += 8) hash = (hash ^ (byte)(part >> shift)) * 1099511628211UL;
        }

        return hash;
    }
}
