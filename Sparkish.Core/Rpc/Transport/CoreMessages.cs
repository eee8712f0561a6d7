using Sparkish.Membership;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rpc.Transport;

/// <summary>The messages of the actor framework itself. Numbers up to <see cref="LastNumber"/> are reserved for them.</summary>
internal static class CoreMessages
{
    /// <summary>The highest number reserved for the framework.</summary>
    public const int LastNumber = MessageRegistry.LastReservedNumber;

    /// <summary>The number of a value of a user's type, written as a graph of objects.</summary>
    public const int UserObject = 5;

    /// <summary>
    /// The framework's own message types. Any peer may send look-ups and watches. Messages of groups and deployed endpoints require the env's own secret: a
    /// peer that knows only an application's secret may not send them.
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
