using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Deployment;

internal static partial class DeploymentLog
{
    [LoggerMessage(1301, LogLevel.Information, "{Deployer} deployed endpoint {Endpoint}")]
    public static partial void EndpointDeployed(this ILogger log, RpcAddress deployer, string endpoint);

    [LoggerMessage(1302, LogLevel.Warning, "{Deployer} could not deploy endpoint {Endpoint}: {Reason}")]
    public static partial void DeploymentFailed(this ILogger log, RpcAddress deployer, string endpoint, string reason);

    [LoggerMessage(1304, LogLevel.Information, "{Deployer} is gone ({Cause}); stopped {Count} endpoints that it had deployed")]
    public static partial void DeployerGone(this ILogger log, RpcAddress deployer, TerminationCause cause, int count);

    [LoggerMessage(1305, LogLevel.Warning, "Could not remove the directory {Directory} of fetched assemblies: {Reason}")]
    public static partial void DirectoryKept(this ILogger log, string directory, string reason);
}
