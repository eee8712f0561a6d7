namespace Sparkish.Rpc;

/// <summary>
/// Asked of <c>endpoint-verifier</c> by <see cref="RpcEnv.SetupEndpointRefAsync"/>; the reply is the incarnation of the endpoint of this name, 0 if there is
/// none.
/// </summary>
internal sealed record CheckExistence(string Name);

// Between the endpoint watchers of two envs

/// <summary>Sent when the first endpoint of an env watches this one; answered by <see cref="WatchedEndpointStopped"/> when it stops, or at once.</summary>
internal sealed record WatchEndpoint(RpcEndpointRef Endpoint, RpcEndpointRef Watcher);

/// <summary>Sent when the last endpoint of an env stopped watching this one.</summary>
internal sealed record UnwatchEndpoint(RpcEndpointRef Endpoint, RpcEndpointRef Watcher);

/// <summary>The watched endpoint has stopped, or did not exist.</summary>
internal sealed record WatchedEndpointStopped(RpcEndpointRef Endpoint, TerminationCause Cause);
