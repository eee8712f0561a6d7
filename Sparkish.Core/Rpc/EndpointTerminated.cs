namespace Sparkish.Rpc;

/// <summary>
/// Sent once to an endpoint that watches another one (<see cref="RpcEndpoint.Watch"/>): it will send nothing more. It comes after everything that
/// the watched endpoint sent before.
/// </summary>
public sealed record EndpointTerminated(RpcEndpointRef Endpoint, TerminationCause Cause);

/// <summary>Why a watched endpoint is gone.</summary>
public enum TerminationCause
{
    /// <summary>It was stopped, by itself, its env or its supervision.</summary>
    Stopped,

    /// <summary>There was no such endpoint, or it was another incarnation of it.</summary>
    NotFound,

    /// <summary>The connection with its node ended or could not be made. The endpoint may live on; a new watch tells.</summary>
    NodeGone,
}
