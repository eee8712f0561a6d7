using Sparkish.Diagnostics;

namespace Sparkish.Rpc.Deployment;

/// <summary>
/// Both sides of deployment on one env (<see cref="RpcEnv.DeployAsync"/>): the endpoint that starts endpoints for other envs, and the client of theirs. Created
/// by envs. Thread-safe.
/// </summary>
public sealed class EndpointDeployments
{
    private readonly DeploymentClient _client;

    private EndpointDeployments(DeploymentClient client) => _client = client;

    /// <summary>Registers the endpoint that starts and stops endpoints for other envs, if <c>spark.rpc.deploy.enabled</c> permits it.</summary>
    /// <param name="env">The env, ready to register endpoints.</param>
    /// <param name="types">The types that messages of the env may carry; consulted for each message.</param>
    /// <exception cref="SparkException">A setting is wrong.</exception>
    public static EndpointDeployments Start(RpcEnv env, DeploymentTypes types)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(types);
        var deployer = new EndpointDeployer(DeploymentOptions.From(env.Conf), types, GuardedLoggerFactory.Over(env.LoggerFactory).CreateLogger("Sparkish.Rpc"));
        return new EndpointDeployments(new DeploymentClient(env, types, env.SetupEndpoint(EndpointDeployer.EndpointName, deployer)));
    }

    /// <summary>Does the work of <see cref="RpcEnv.DeployAsync"/>.</summary>
    public Task<RpcEndpointRef> DeployAsync(RpcAddress node, string name, EndpointProps props, CancellationToken cancellationToken = default) =>
        _client.DeployAsync(node, name, props, cancellationToken);

    /// <summary>Does the work of <see cref="RpcEnv.StopDeployedAsync"/>.</summary>
    public Task StopAsync(RpcEndpointRef endpoint, CancellationToken cancellationToken = default) => _client.StopAsync(endpoint, cancellationToken);
}
