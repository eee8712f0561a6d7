using System.Reflection;

namespace Sparkish.Rpc;

/// <summary>Describes how to create an endpoint on another node.</summary>
/// <param name="Factory">
/// Creates an instance. The factory is sent with its captured values as of the call. Each instance is created from its own copy of them, so instances share no
/// state.
/// </param>
public sealed record EndpointProps(Func<RpcEndpoint> Factory)
{
    /// <summary>Limit of restarts of the endpoint on its node.</summary>
    public RestartLimit Restarts { get; init; } = RestartLimit.Default;

    /// <summary>Whether the endpoint is stopped when the deploying env stops or its connection ends.</summary>
    public bool StopsWithDeployer { get; init; } = true;

    /// <summary>Assemblies to send besides those that the factory and its captured types reference, such as one whose types occur in messages only.</summary>
    public IReadOnlyList<Assembly> Assemblies { get; init; } = [];
}
