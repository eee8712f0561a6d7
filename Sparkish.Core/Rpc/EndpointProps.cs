using System.Reflection;

namespace Sparkish.Rpc;

/// <summary>How to make an endpoint on another node.</summary>
/// <param name="Factory">
/// Makes an instance. It travels with what it captures, as it was at the call, and makes each instance from a copy of its own, so none sees what
/// another one did to them.
/// </param>
public sealed record EndpointProps(Func<RpcEndpoint> Factory)
{
    /// <summary>How often the endpoint may be restarted there.</summary>
    public RestartLimit Restarts { get; init; } = RestartLimit.Default;

    /// <summary>Whether the endpoint is stopped when the deploying env stops or the connection with it ends.</summary>
    public bool StopsWithDeployer { get; init; } = true;

    /// <summary>
    /// Assemblies to take along beyond those that the factory and the types it captures refer to, such as one whose types come in messages only.
    /// </summary>
    public IReadOnlyList<Assembly> Assemblies { get; init; } = [];
}
