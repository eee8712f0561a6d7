using Sparkish.Rpc;

namespace Sparkish.Membership;

/// <summary>
/// A source of membership: reports the other nodes of a group and their changes. SWIM is the default; <c>spark.membership.provider</c> chooses another one,
/// such as that of an actor system with its own membership. Providers need a public constructor without parameters.
/// </summary>
/// <remarks>
/// A node uses a provider through <see cref="Nodes.ClusterMembership"/>, which numbers the changes, keeps the snapshot and notifies subscribers. A provider
/// only reports its observations; it needs no state for that.
/// </remarks>
public interface IMembershipProvider
{
    /// <summary>Makes an env a member of a group, and reports changes of the group to the observer from then on, even before this method completes.</summary>
    /// <param name="env">The env; it listens.</param>
    /// <param name="self">The env as a member: address, incarnation, roles and metadata that the other nodes are to see.</param>
    /// <param name="seeds">
    /// Nodes through which the env may join, possibly including itself. A provider that finds its group in another way ignores them.
    /// </param>
    /// <param name="observer">Receives the provider's reports.</param>
    /// <returns>The membership of this env, until it leaves or stops.</returns>
    /// <exception cref="SparkException">The env cannot become a member; the message gives the reason and advice.</exception>
    IMembershipSession Join(RpcEnv env, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer);
}
