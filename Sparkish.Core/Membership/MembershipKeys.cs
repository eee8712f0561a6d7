using Sparkish.Configuration;
using Sparkish.Rpc;

namespace Sparkish.Membership;

/// <summary>The keys of membership.</summary>
internal static class MembershipKeys
{
    public static readonly ConfigEntry<string> Provider = ConfigEntry.Text("spark.membership.provider", "swim",
        "Which membership all nodes of a group use: 'swim', or a public IMembershipProvider with a parameterless constructor as 'Namespace.Type, Assembly'.");

    public static readonly ConfigEntry<string> Cluster = ConfigEntry.Text("spark.membership.cluster", "",
        "Name of the group. Nodes of groups with other names never become members of each other's, even where they use the same addresses.");

    public static readonly ConfigEntry<TimeSpan> ProbeInterval = ConfigEntry.Duration("spark.membership.probeInterval", TimeSpan.FromMilliseconds(600),
        "How often a node sees whether one of the others answers: in turns its follower on the ring of all nodes, and one by chance.");

    public static readonly ConfigEntry<TimeSpan> ProbeTimeout = ConfigEntry.Duration("spark.membership.probeTimeout", TimeSpan.FromMilliseconds(300),
        "How long an answer is waited for before others are asked to try; the rest of the interval is theirs.");

    public static readonly ConfigEntry<int> IndirectProbes = ConfigEntry.Int("spark.membership.indirectProbes", 3,
        "How many others are asked to try a node that did not answer.", max: 20);

    public static readonly ConfigEntry<TimeSpan> SuspicionTimeout = ConfigEntry.Duration("spark.membership.suspicionTimeout", TimeSpan.FromSeconds(3.5),
        "How long a node may be silent, from the first call that it misses: longer than the longest garbage collection.");

    public static readonly ConfigEntry<int> SuspicionConfirmations = ConfigEntry.Int("spark.membership.suspicionConfirmations", 3,
        "How many others must miss a node, too, before it is given up after the timeout; without them it takes twice as long.", max: 20);

    public static readonly ConfigEntry<TimeSpan> SyncInterval = ConfigEntry.Duration("spark.membership.syncInterval", TimeSpan.FromSeconds(10),
        "How often a node compares its view with another's, a node that is down included, so that parted groups find each other.");

    public static readonly ConfigEntry<TimeSpan> ForgetAfter = ConfigEntry.Duration("spark.membership.forgetAfter", TimeSpan.FromHours(24),
        "How long a node that is down or has left is remembered, so that old news of it is known as such.");

    public static readonly ConfigEntry<int> MaxHealthScore = ConfigEntry.Int("spark.membership.maxHealthScore", 8,
        "How many times slower a node that has trouble of its own may get in judging others.", min: 1, max: 100);

    public static readonly ConfigEntry<string> Seeds = ConfigEntry.Text("spark.membership.seeds", "",
        "Nodes by which one joins, as host:port, separated by commas; one that answers will do.");

    /// <summary>The nodes of <c>spark.membership.seeds</c>.</summary>
    /// <exception cref="SparkException">One of them is not an address.</exception>
    public static IReadOnlyList<RpcAddress> SeedsOf(SparkConf conf) =>
        [.. conf.Get(Seeds).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(RpcAddress.Parse)];
}
