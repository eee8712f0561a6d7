namespace Sparkish.Membership;

/// <summary>The group as one node sees it at one moment.</summary>
/// <param name="Version">Incremented with each event of this node; not comparable between nodes.</param>
/// <param name="Self">The node that looks.</param>
/// <param name="Members">All that are up or suspected, itself included, by address.</param>
/// <param name="Suspected">Those that are suspected.</param>
public sealed record MembershipSnapshot(long Version, Member Self, IReadOnlyList<Member> Members, IReadOnlyList<Member> Suspected);
