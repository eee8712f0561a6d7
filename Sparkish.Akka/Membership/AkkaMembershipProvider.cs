using Sparkish.Membership;
using Sparkish.Rpc;

namespace Sparkish.Akka.Membership;

/// <summary>
/// Membership by Akka.Cluster, for envs on Akka.NET. For <c>spark.membership.provider</c>, where its short name is <c>akka</c>. An env that has an actor
/// system of its own starts a second one for the cluster, and replaces it when the cluster removes it. An env on an actor system of others uses the cluster
/// of that system, and neither joins, leaves nor ends it.
/// </summary>
public sealed class AkkaMembershipProvider : IMembershipProvider
{
    /// <summary>The role of nodes that host envs, for <c>akka.cluster.roles</c> of an actor system that envs run on.</summary>
    public const string Role = "sparkish";

    /// <inheritdoc/>
    public IMembershipSession Join(RpcEnv env, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(self);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(observer);
        if (env is not IClusterHost host)
        {
            throw new SparkException(
                $"Membership of RpcEnv '{env.Name}' is by Akka.Cluster, but the env does not run on Akka.NET: set spark.rpc.factory to 'akka' on all nodes, "
                + "or spark.membership.provider to 'swim'.");
        }

        IAkkaMembershipSession session = host.OwnsSystem
            ? OwnClusterSession.Start(env, host, self, seeds, observer)
            : HostedClusterSession.Start(env, host, self, observer);
        host.Attach(session);
        return session;
    }
}
