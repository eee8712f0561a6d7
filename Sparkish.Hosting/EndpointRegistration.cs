using Sparkish.Rpc;

namespace Sparkish.Hosting;

/// <summary>An endpoint that the host starts.</summary>
internal sealed record EndpointRegistration(string Name, Func<IServiceProvider, RpcEndpoint> Make, RestartLimit Restarts);
