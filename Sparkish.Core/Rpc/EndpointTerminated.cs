namespace Sparkish.Rpc;

/// <summary>
/// Sent once to an endpoint that watches another one (<see cref="RpcEndpoint.Watch"/>): the watched endpoint will send nothing more. It arrives after
/// everything that the watched endpoint has sent.
/// </summary>
public sealed record EndpointTerminated(RpcEndpointRef Endpoint, TerminationCause Cause);

/// <summary>The reason why a watched endpoint has terminated.</summary>
public enum TerminationCause
{
    /// <summary>The endpoint was stopped, by itself, its env or its supervision.</summary>
    Stopped,

    /// <summary>The endpoint did not exist, or had another incarnation.</summary>
    NotFound,

    /// <summary>The connection to its node ended or could not be established. The endpoint may still run; watch it again to find out.</summary>
    NodeGone,
}
