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

    /// <summary>The framework's own message types.</summary>
    public static MessageRegistry Registry { get; } = new MessageRegistry()
        .Add<RpcEndpointRef>(6)
        .Add<CheckExistence>(10)
        .Add<WatchEndpoint>(11)
        .Add<UnwatchEndpoint>(12)
        .Add<WatchedEndpointStopped>(13)
        .Add<DeployEndpoint>(20)
        .Add<CancelDeployment>(21)
        .Add<StopDeployedEndpoint>(22)
        .Add<Ping>(30)
        .Add<Ack>(31)
        .Add<PingRequest>(32)
        .Add<Nack>(33)
        .Add<Digest>(34)
        .Add<FullState>(35)
        .Add<News>(36);
}
