using Sparkish.Serialization;

namespace Sparkish.Rpc;

/// <summary>The messages of the actor framework itself. Numbers up to <see cref="LastNumber"/> are reserved for them.</summary>
internal static class CoreMessages
{
    /// <summary>The highest number that an application's message may not have.</summary>
    public const int LastNumber = 99;

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
        .Add<StopDeployedEndpoint>(22);
}

/// <summary>Asked of <c>endpoint-verifier</c> by <see cref="RpcEnv.SetupEndpointRefAsync"/>; answered by the incarnation of the endpoint of this name, 0 if there is none.</summary>
internal sealed record CheckExistence(string Name);

// Between the endpoint watchers of two envs

/// <summary>Sent when the first endpoint of an env watches this one; answered by <see cref="WatchedEndpointStopped"/> when it ends, or at once.</summary>
internal sealed record WatchEndpoint(RpcEndpointRef Endpoint, RpcEndpointRef Watcher);

/// <summary>Sent when no endpoint of an env watches this one any more.</summary>
internal sealed record UnwatchEndpoint(RpcEndpointRef Endpoint, RpcEndpointRef Watcher);

/// <summary>The watched endpoint has stopped, or was not there.</summary>
internal sealed record WatchedEndpointStopped(RpcEndpointRef Endpoint, TerminationCause Cause);
