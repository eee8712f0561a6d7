using Sparkish.Rpc;

namespace Sparkish.Membership;

/// <summary>
/// A source of membership: tells a node which other nodes there are and what becomes of them. SWIM is the default; <c>spark.membership.provider</c> chooses
/// another one, such as that of an actor system which has a membership of its own. Providers need a public constructor without parameters.
/// </summary>
/// <remarks>
/// A node uses a provider through <see cref="Nodes.ClusterMembership"/>, which numbers the changes, keeps the snapshot and tells subscribers. A provider
/// reports what it sees;
/// it needs no state of its own for that.
/// </remarks>
public interface IMembershipProvider
{
    /// <summary>Makes an env a member of a group, and reports changes of the group to the observer from then on, also while this method runs.</summary>
    /// <param name="env">The env; it listens.</param>
    /// <param name="self">The env as a member: address, incarnation, roles and metadata that the other nodes are to see.</param>
    /// <param name="seeds">Nodes by which the env may join; this node may be among them. A provider that finds its group in another way ignores them.</param>
    /// <param name="observer">Receives what the provider sees.</param>
    /// <returns>The membership of this env, until it leaves or stops.</returns>
    /// <exception cref="SparkException">The env cannot become a member; the message says why and what to do.</exception>
    IMembershipSession Join(RpcEnv env, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer);
}
