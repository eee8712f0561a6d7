using Akka.Event;
using Sparkish.Membership;

namespace Sparkish.Akka.Membership;

/// <summary>
/// What the membership actors of a cluster's nodes say to each other. A node is known by its actor's address and the uid of its actor system, which each
/// message carries. Nobody is told of those that arrive nowhere: they are repeated until they are confirmed.
/// </summary>
/// <param name="Uid">The uid of the sender's actor system.</param>
/// <param name="Sequence">The number of what the sender says of its env; later ones are larger.</param>
internal abstract record MembershipMessage(int Uid, long Sequence) : IDeadLetterSuppression;

/// <summary>Says what the sender's env is; answered by <see cref="Confirmation"/>.</summary>
/// <param name="Uid">The uid of the sender's actor system.</param>
/// <param name="Sequence">The number of this introduction.</param>
/// <param name="Asks">Whether the sender does not know the receiver's env.</param>
/// <param name="Member">The env.</param>
internal sealed record Introduction(int Uid, long Sequence, bool Asks, Member Member) : MembershipMessage(Uid, Sequence);

/// <summary>Says that the sender's env is no longer a member; answered by <see cref="Confirmation"/>.</summary>
internal sealed record Farewell(int Uid, long Sequence) : MembershipMessage(Uid, Sequence);

/// <summary>Confirms an <see cref="Introduction"/> or a <see cref="Farewell"/>.</summary>
/// <param name="Uid">The uid of the sender's actor system.</param>
/// <param name="Sequence">The number of what is confirmed, which is the receiver's.</param>
internal sealed record Confirmation(int Uid, long Sequence) : MembershipMessage(Uid, Sequence);
