namespace Sparkish.Rpc.Deployment;

/// <summary>Settings for deployments by peers: the permission, and the directory of their assemblies.</summary>
internal sealed record DeploymentOptions(bool IsEnabled, string? Directory)
{
    public static DeploymentOptions From(SparkConf conf) =>
        new(conf.Get(DeploymentKeys.Enabled), conf.Get(DeploymentKeys.Directory) is { Length: > 0 } directory ? directory : null);

    /// <summary>The reason why a peer may not start or stop endpoints here; null if it may.</summary>
    public string? Refusal(RpcAddress node, bool isAuthenticated) => (IsEnabled, isAuthenticated) switch
    {
        (true, true) => null,
        (false, true) => $"{node} allows no deployment of endpoints: set spark.rpc.deploy.enabled to 'true' there.",
        (true, false) => $"{node} allows only authenticated peers to deploy endpoints: set spark.authenticate to 'true' and the same secret on both nodes.",
        (false, false) =>
            $"{node} allows no deployment of endpoints, and the peer is not authenticated: set spark.rpc.deploy.enabled to 'true' there, and spark.authenticate to 'true' with the same secret on both nodes.",
    };
}
