using Sparkish.Rpc;

namespace Sparkish.Hosting;

/// <summary>An endpoint that the host starts.</summary>
/// <param name="Name">Its name in the env.</param>
/// <param name="Make">Creates an instance with the services of its scope.</param>
/// <param name="Restarts">Limit of restarts.</param>
/// <param name="Type">The type that was added; null where a function creates the instances.</param>
internal sealed record EndpointRegistration(string Name, Func<IServiceProvider, RpcEndpoint> Make, RestartLimit Restarts, Type? Type = null);
