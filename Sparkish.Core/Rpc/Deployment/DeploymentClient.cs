using Sparkish.Serialization.Closures;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Rpc.Deployment;

/// <summary>The deploying side: sends an endpoint's factory and assemblies to a node. Thread-safe.</summary>
internal sealed class DeploymentClient(RpcEnv env, DeploymentTypes types, RpcEndpointRef self)
{
    private readonly RpcSerializationContext _application = new(env) { Types = env.SerializationContext.Types ?? TypeBinder.Application };
    private long _lastId;

    public async Task<RpcEndpointRef> DeployAsync(RpcAddress node, string name, EndpointProps props, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(props);
        var message = Describe(name, props);
        if (node != env.Address)
        {
            if (env.Address.Port == 0)
                throw new SparkException(
                    $"RpcEnv '{env.Name}' does not listen, so {node} could not fetch the assemblies of '{name}' from it: create it with Listen = true.");
            env.FileServer.ServeApplication();
            types.Add(node, _application);
        }

        var deployer = env.RefTo(new RpcEndpointAddress(node, EndpointDeployer.EndpointName));
        try
        {
            var endpoint = await deployer.AskAsync<RpcEndpointRef>(message, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (endpoint.Address != node && endpoint.Address != env.Address) types.Add(endpoint.Address, _application); // it was dialled by another name
            return endpoint;
        }
        catch (Exception error) when (error is OperationCanceledException or RpcTimeoutException)
        {
            deployer.Send(new CancelDeployment(message.Id, self));
            throw;
        }
    }

    public async Task StopAsync(RpcEndpointRef endpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var deployer = env.RefTo(new RpcEndpointAddress(endpoint.Address, EndpointDeployer.EndpointName));
        await deployer.AskAsync<bool>(new StopDeployedEndpoint(endpoint), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private DeployEndpoint Describe(string name, EndpointProps props)
    {
        var factory = ObjectSerializer.Serialize(ClosureCleaner.Clean(props.Factory, nameof(EndpointProps), "another node", _application), _application);
        var assemblies = AssemblyManifest.Of(AssemblyManifest.Named(factory, env).Concat(props.Assemblies), env.FileServer);
        return new DeployEndpoint(Interlocked.Increment(ref _lastId), self, name, factory, props.Restarts.MaxRestarts, props.Restarts.Within,
            props.Restarts.MinBackoff, props.Restarts.MaxBackoff, props.Restarts.Jitter,
            props.StopsWithDeployer, SparkishBuild.Current, assemblies);
    }
}
