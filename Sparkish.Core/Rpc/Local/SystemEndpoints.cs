using Sparkish.Rpc.Deployment;

namespace Sparkish.Rpc.Local;

/// <summary>The endpoints of the framework itself, which every env has. They stop last, and messages to them overtake users' messages.</summary>
internal static class SystemEndpoints
{
    /// <summary>Whether an endpoint is a system endpoint.</summary>
    public static bool Contains(string name) => name is EndpointVerifier.EndpointName or EndpointWatcher.EndpointName or EndpointDeployer.EndpointName;
}
