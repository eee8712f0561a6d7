using Sparkish.Rpc;

namespace Sparkish.Deploy.Client;

/// <summary>Options for registering with the cluster.</summary>
/// <param name="Masters">The masters of the cluster.</param>
/// <param name="RegistrationTimeout">Time to wait for a reply before the next attempt.</param>
internal sealed record ClientOptions(IReadOnlyList<RpcAddress> Masters, TimeSpan RegistrationTimeout)
{
    /// <summary>Number of attempts if no master replies.</summary>
    public const int MaxAttempts = 3;

    /// <summary>Time between two requests of an attempt to register: a master that stands by does not answer, and may be the leader a moment later.</summary>
    public TimeSpan RepeatInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time that an application that ends waits for a leader to remove it: longer than the change of a leader takes.</summary>
    public TimeSpan LeaveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two reports to the masters that the application lives.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The pauses before trying again when every master refuses the connection; after the last the application fails.</summary>
    public IReadOnlyList<TimeSpan> RefusedPauses { get; init; } =
        [TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)];

    public static ClientOptions From(SparkConf conf, IReadOnlyList<RpcAddress> masters) => new(masters, conf.Get(DeployKeys.ClientRegistrationTimeout));
}
