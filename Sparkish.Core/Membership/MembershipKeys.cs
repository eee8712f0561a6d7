using Sparkish.Configuration;
using Sparkish.Rpc;

namespace Sparkish.Membership;

/// <summary>The keys of membership.</summary>
internal static class MembershipKeys
{
    public static readonly ConfigEntry<string> Provider = ConfigEntry.Text("spark.membership.provider", "swim",
        "Membership on all nodes of a group: 'swim', 'akka' (Akka.Cluster, by Sparkish.Akka), or a public IMembershipProvider with a parameterless constructor "
        + "as 'Namespace.Type, Assembly'.");

    public static readonly ConfigEntry<string> Cluster = ConfigEntry.Text("spark.membership.cluster", "",
        "Name of the group. Groups with different names never merge, even where they use the same addresses.");

    public static readonly ConfigEntry<TimeSpan> ProbeInterval = ConfigEntry.Duration("spark.membership.probeInterval", TimeSpan.FromMilliseconds(600),
        "Interval at which a node probes another one: alternately its successor on the ring of all nodes and a random one.");

    public static readonly ConfigEntry<TimeSpan> ProbeTimeout = ConfigEntry.Duration("spark.membership.probeTimeout", TimeSpan.FromMilliseconds(300),
        "Time to wait for a probe's answer before other nodes are asked to probe; they have the rest of the interval.");

    public static readonly ConfigEntry<int> IndirectProbes = ConfigEntry.Int("spark.membership.indirectProbes", 3,
        "Number of other nodes that are asked to probe a node that did not answer.", max: 20);

    public static readonly ConfigEntry<TimeSpan> SuspicionTimeout = ConfigEntry.Duration("spark.membership.suspicionTimeout", TimeSpan.FromSeconds(3.5),
        "Silence after which a node is removed, from the first probe that it misses. Must exceed the longest garbage collection.");

    public static readonly ConfigEntry<int> SuspicionConfirmations = ConfigEntry.Int("spark.membership.suspicionConfirmations", 3,
        "Number of other nodes that must confirm a suspicion before the node is removed after the timeout; without them it takes twice as long.", max: 20);

    public static readonly ConfigEntry<TimeSpan> SyncInterval = ConfigEntry.Duration("spark.membership.syncInterval", TimeSpan.FromSeconds(10),
        "Interval at which a node compares its view with another node's, including nodes that are down, so that separated groups find each other.");

    public static readonly ConfigEntry<TimeSpan> ForgetAfter = ConfigEntry.Duration("spark.membership.forgetAfter", TimeSpan.FromHours(24),
        "Time for which a node that is down or has left is remembered, so that outdated rumors about it are recognised.");

    public static readonly ConfigEntry<int> MaxHealthScore = ConfigEntry.Int("spark.membership.maxHealthScore", 8,
        "Maximum factor by which a node that is slow itself extends the timeouts of its failure detector.", min: 1, max: 100);

    public static readonly ConfigEntry<string> Seeds = ConfigEntry.Text("spark.membership.seeds", "",
        "Nodes to join through, as host:port, separated by commas; one reachable node is enough.");

    /// <summary>The nodes of <c>spark.membership.seeds</c>.</summary>
    /// <exception cref="SparkException">One of them is not an address.</exception>
    public static IReadOnlyList<RpcAddress> SeedsOf(SparkConf conf) =>
        [.. conf.Get(Seeds).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(RpcAddress.Parse)];
}
