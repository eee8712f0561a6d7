using Sparkish.Membership;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rpc.Transport;

/// <summary>The messages of the actor framework itself. Numbers up to <see cref="LastNumber"/> are reserved for them.</summary>
internal static class CoreMessages
{
    /// <summary>The highest number that an application's message may not have.</summary>
    public const int LastNumber = MessageRegistry.LastReservedNumber;

    /// <summary>The number of a value of a user's type, written as a graph of objects.</summary>
    public const int UserObject = 5;

    /// <summary>
    /// The framework's own message types. Look-ups and watches are for everybody. Groups and deployed endpoints are a matter of the nodes that share the env's
    /// own secret: who knows an application's secret alone has no part in them.
    /// </summary>
    public static MessageRegistry Registry { get; } = new MessageRegistry()
        .Add<RpcEndpointRef>(6)
        .Add<CheckExistence>(10)
        .Add<WatchEndpoint>(11)
        .Add<UnwatchEndpoint>(12)
        .Add<WatchedEndpointStopped>(13)
        .Add<DeployEndpoint>(20, Senders.Node)
        .Add<CancelDeployment>(21, Senders.Node)
        .Add<StopDeployedEndpoint>(22, Senders.Node)
        .Add<Ping>(30, Senders.Node)
        .Add<Ack>(31, Senders.Node)
        .Add<PingRequest>(32, Senders.Node)
        .Add<Nack>(33, Senders.Node)
        .Add<Digest>(34, Senders.Node)
        .Add<FullState>(35, Senders.Node)
        .Add<News>(36, Senders.Node);
}
