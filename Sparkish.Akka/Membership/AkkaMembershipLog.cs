using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Akka.Membership;

/// <summary>What membership by Akka.Cluster tells operators, besides the changes of members.</summary>
internal static partial class AkkaMembershipLog
{
    [LoggerMessage(8011, LogLevel.Warning, "RpcEnv {Name} joins its cluster again under a new actor system: {Reason}")]
    public static partial void ClusterLost(this ILogger log, string name, string reason);

    [LoggerMessage(8012, LogLevel.Information, "RpcEnv {Name} leaves a cluster in which it is alone for the one of {Address}")]
    public static partial void ClusterFound(this ILogger log, string name, RpcAddress address);

    [LoggerMessage(8013, LogLevel.Warning, "RpcEnv {Name} cannot join through {Seed}: {Reason}")]
    public static partial void SeedRefused(this ILogger log, string name, RpcAddress seed, string reason);

    [LoggerMessage(8014, LogLevel.Warning, "Could not restart the cluster's actor system of RpcEnv {Name}")]
    public static partial void ClusterRestartFailed(this ILogger log, Exception error, string name);

    [LoggerMessage(8015, LogLevel.Warning, "Refused the introduction of cluster member {Node}: {Reason}")]
    public static partial void IntroductionRefused(this ILogger log, string node, string reason);

    [LoggerMessage(8016, LogLevel.Warning, "RpcEnv {Name} is no longer a member: {Reason}. Start another actor system and an env on it to join again")]
    public static partial void HostedClusterLost(this ILogger log, string name, string reason);
}
