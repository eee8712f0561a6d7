using Sparkish.Rpc;

namespace Sparkish.Deploy.Client;

/// <summary>How an application reaches its cluster.</summary>
/// <param name="Masters">The masters of the cluster.</param>
/// <param name="RegistrationTimeout">How long to wait for an answer before asking again.</param>
internal sealed record ClientOptions(IReadOnlyList<RpcAddress> Masters, TimeSpan RegistrationTimeout)
{
    /// <summary>How often masters are asked when none of them answers.</summary>
    public const int MaxAttempts = 3;

    /// <summary>The pauses before trying again when every master refuses the connection; after the last the application fails.</summary>
    public IReadOnlyList<TimeSpan> RefusedPauses { get; init; } =
        [TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)];

    public static ClientOptions From(SparkConf conf, IReadOnlyList<RpcAddress> masters) => new(masters, conf.Get(DeployKeys.ClientRegistrationTimeout));
}
