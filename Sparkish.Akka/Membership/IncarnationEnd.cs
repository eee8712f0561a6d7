using Sparkish.Membership;

namespace Sparkish.Akka.Membership;

/// <summary>Why an incarnation has ended.</summary>
/// <param name="Reason">The reason, for an operator.</param>
/// <param name="Members">The members that it knew.</param>
/// <param name="IsRemoval">Whether the others have lost this node.</param>
internal sealed record IncarnationEnd(string Reason, IReadOnlyList<Member> Members, bool IsRemoval);
