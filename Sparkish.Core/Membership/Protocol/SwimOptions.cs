using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>The checked settings of the protocol.</summary>
internal sealed record SwimOptions
{
    /// <summary>The longest name of a group: it travels with each message.</summary>
    public const int MaxClusterChars = 100;

    /// <summary>The name of the group.</summary>
    public string Cluster { get; init; } = MembershipKeys.Cluster.Default;

    public TimeSpan ProbeInterval { get; init; } = MembershipKeys.ProbeInterval.Default;

    public TimeSpan ProbeTimeout { get; init; } = MembershipKeys.ProbeTimeout.Default;

    public int IndirectProbes { get; init; } = MembershipKeys.IndirectProbes.Default;

    public TimeSpan SuspicionTimeout { get; init; } = MembershipKeys.SuspicionTimeout.Default;

    public int SuspicionConfirmations { get; init; } = MembershipKeys.SuspicionConfirmations.Default;

    public TimeSpan SyncInterval { get; init; } = MembershipKeys.SyncInterval.Default;

    public TimeSpan ForgetAfter { get; init; } = MembershipKeys.ForgetAfter.Default;

    public int MaxHealthScore { get; init; } = MembershipKeys.MaxHealthScore.Default;

    /// <summary>Nodes to join through.</summary>
    public IReadOnlyList<RpcAddress> Seeds { get; init; } = [];

    /// <summary>Maximum number of rumors in one message; connections carry more than memberlist's datagrams do.</summary>
    public int RumorsPerMessage { get; init; } = 32;

    /// <summary>
    /// Number of times that a rumor is sent, multiplied by the logarithm of the group's size. This is memberlist's RetransmitMult, but larger, as half of all
    /// messages go along the ring.
    /// </summary>
    public int RetransmitFactor { get; init; } = 6;

    /// <exception cref="SparkException">Two settings contradict each other.</exception>
    public static SwimOptions From(SparkConf conf)
    {
        var options = new SwimOptions
        {
            Cluster = conf.Get(MembershipKeys.Cluster).Trim(),
            ProbeInterval = conf.Get(MembershipKeys.ProbeInterval),
            ProbeTimeout = conf.Get(MembershipKeys.ProbeTimeout),
            IndirectProbes = conf.Get(MembershipKeys.IndirectProbes),
            SuspicionTimeout = conf.Get(MembershipKeys.SuspicionTimeout),
            SuspicionConfirmations = conf.Get(MembershipKeys.SuspicionConfirmations),
            SyncInterval = conf.Get(MembershipKeys.SyncInterval),
            ForgetAfter = conf.Get(MembershipKeys.ForgetAfter),
            MaxHealthScore = conf.Get(MembershipKeys.MaxHealthScore),
            Seeds = MembershipKeys.SeedsOf(conf),
        };
        if (options.ProbeTimeout <= TimeSpan.Zero || options.ProbeTimeout >= options.ProbeInterval)
        {
            throw new SparkException(
                $"{MembershipKeys.ProbeTimeout.Key} is {options.ProbeTimeout.TotalMilliseconds:0} ms but must lie between 0 and {MembershipKeys.ProbeInterval.Key} ({options.ProbeInterval.TotalMilliseconds:0} ms).");
        }

        if (options.Cluster.Length > MaxClusterChars)
            throw new SparkException(
                $"{MembershipKeys.Cluster.Key} has {options.Cluster.Length} characters but may have {MaxClusterChars}: it travels with each message.");
        if (options.SyncInterval <= TimeSpan.Zero)
            throw new SparkException($"{MembershipKeys.SyncInterval.Key} is 0 but must be positive: give a duration such as '10s'.");
        return options;
    }
}
