namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>The owner of a member's directory.</summary>
/// <param name="Address">The member.</param>
/// <param name="Cluster">The cluster; empty before its first term.</param>
internal sealed record RaftIdentity(string Address, Guid Cluster);
