using Akka.Actor;

namespace Sparkish.Akka.Membership;

/// <summary>The cluster of another node.</summary>
/// <param name="Address">Where its actor system for the cluster listens.</param>
/// <param name="Members">How many nodes it sees in its cluster, itself included; 0 if it has none yet.</param>
internal sealed record FoundCluster(Address Address, int Members);
