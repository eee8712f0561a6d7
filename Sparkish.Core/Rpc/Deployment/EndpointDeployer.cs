using Microsoft.Extensions.Logging;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Rpc.Deployment;

/// <summary>
/// Starts endpoints for authenticated envs if the node's settings permit it, and stops them on request or together with their deployer. Assemblies are fetched
/// and factories are run outside the handlers.
/// </summary>
internal sealed class EndpointDeployer(DeploymentOptions options, DeploymentTypes types, ILogger log) : RpcEndpoint
{
    /// <summary>Its name in every env.</summary>
    public const string EndpointName = "endpoint-deployer";

    private readonly Dictionary<RpcEndpointRef, Deployer> _deployers = [];
    private readonly Dictionary<RpcEndpointRef, Deployment> _deployed = [];
    private readonly DeploymentDirectory _directory = new(options.Directory, log);

    public override void Receive(object message)
    {
        switch (message)
        {
            case CancelDeployment m: OnCancelDeployment(m); break;
            case Started m: OnStarted(m.Deployment, m.Endpoint); break;
            case NotStarted m: OnNotStarted(m.Deployment, m.Error); break;
            case EndpointTerminated m when _deployed.ContainsKey(m.Endpoint): OnEndpointStopped(m.Endpoint); break;
            case Answered: break;
            case EndpointTerminated m: OnDeployerGone(m.Endpoint, m.Cause); break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case DeployEndpoint m: OnDeployEndpoint(m, call); break;
            case StopDeployedEndpoint m: OnStopDeployedEndpoint(m, call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    public override void OnStop() => _directory.Clean();

    private void OnDeployEndpoint(DeployEndpoint message, RpcCallContext call)
    {
        if (Refusal(message, call) is { } refusal)
        {
            Refuse(call, message.Deployer.Address, message.Name, new SparkException(refusal));
            return;
        }

        var deployer = DeployerOf(message.Deployer);
        var deployment = new Deployment(deployer, message, call);
        deployer.Deployments.Add(message.Id, deployment);
        PipeToSelf(StartAsync(deployment), endpoint => new Started(deployment, endpoint), error => new NotStarted(deployment, error));
    }

    private string? Refusal(DeployEndpoint message, RpcCallContext call)
    {
        if (message.Deployer.Address != call.SenderAddress)
            return $"{call.SenderAddress} asked to deploy an endpoint for {message.Deployer.Address}: an env may deploy for itself only.";
        if (!message.Deployer.Equals(Self) && options.Refusal(Env.Address, call.IsAuthenticated) is { } refusal) return refusal;
        if (message.Build != SparkishBuild.Current)
            return $"{message.Deployer.Address} runs Sparkish {message.Build}, but {Env.Address} runs {SparkishBuild.Current}: deploy the same build everywhere.";
        return DeployerOf(message.Deployer).Deployments.ContainsKey(message.Id)
            ? $"{message.Deployer.Address} used deployment number {message.Id} twice."
            : null;
    }

    private Deployer DeployerOf(RpcEndpointRef self)
    {
        if (_deployers.TryGetValue(self, out var known)) return known;
        var deployer = new Deployer(self);
        _deployers.Add(self, deployer);
        if (!self.Equals(Self)) Watch(self);
        return deployer;
    }

    /// <summary>Starts with the part that uses this endpoint's state; the rest runs outside the handlers.</summary>
    private Task<RpcEndpointRef> StartAsync(Deployment deployment)
    {
        var message = deployment.Message;
        if (deployment.Deployer.Self.Equals(Self) || AssemblyManifest.IsOfThisProcess(message.Assemblies))
            return StartAsync(message, Task.CompletedTask,
                Admit(deployment, new RpcSerializationContext(Env) { Types = types.Usual.Types ?? TypeBinder.Application }));
        try
        {
            var application = deployment.Deployer.Application ??= new DeployedApplication(Env, message.Deployer.Address, _directory.Path);
            return StartAsync(message, application.FetchAsync(message.Assemblies), Admit(deployment, application.Values));
        }
        catch (Exception error) when (error is SparkException or IOException or UnauthorizedAccessException)
        {
            return Task.FromException<RpcEndpointRef>(error);
        }
    }

    private RpcSerializationContext Admit(Deployment deployment, RpcSerializationContext values)
    {
        deployment.Deployer.Values = values;
        if (!deployment.Deployer.Self.Equals(Self)) types.Add(deployment.Message.Deployer.Address, values);
        return values;
    }

    private async Task<RpcEndpointRef> StartAsync(DeployEndpoint message, Task fetched, RpcSerializationContext values)
    {
        await fetched.ConfigureAwait(false);
        return await Env.RunBlockingAsync(() =>
        {
            var endpoint = Env.SetupEndpoint(message.Name, Make, message.ToRestartLimit());
            types.Add(endpoint, values);
            return endpoint;
        }).ConfigureAwait(false);

        RpcEndpoint Make() => ObjectSerializer.Deserialize<Func<RpcEndpoint>>(message.Factory, values.For(Trust.Own))()
            ?? throw new SparkException($"The factory of endpoint '{message.Name}' returned null.");
    }

    private void OnStarted(Deployment deployment, RpcEndpointRef endpoint)
    {
        deployment.Endpoint = endpoint;
        _deployed.Add(endpoint, deployment);
        Watch(endpoint);
        log.EndpointDeployed(deployment.Message.Deployer.Address, endpoint.Name);
        if (deployment.IsCancelled) Env.Stop(endpoint);
        deployment.Call.Reply(endpoint);
    }

    private void OnNotStarted(Deployment deployment, Exception error)
    {
        var message = deployment.Message;
        Refuse(deployment.Call, message.Deployer.Address, message.Name, error);
        Forget(deployment);
    }

    private void OnCancelDeployment(CancelDeployment message)
    {
        if (_deployers.TryGetValue(message.Deployer, out var deployer) && deployer.Deployments.TryGetValue(message.Id, out var deployment)) Cancel(deployment);
    }

    private void OnStopDeployedEndpoint(StopDeployedEndpoint message, RpcCallContext call)
    {
        var named = Env.RefTo(new RpcEndpointAddress(Env.Address, message.Endpoint.Name), message.Endpoint.Incarnation);
        if (call.SenderAddress != Env.Address && options.Refusal(Env.Address, call.IsAuthenticated) is { } refusal)
            call.SendFailure(new SparkException(refusal));
        else if (Find(named) is { } deployment) StopFor(deployment, call);
        else PipeToSelf(Env.SetupEndpointRefAsync(new RpcEndpointAddress(Env.Address, named.Name)),
            found => Answer(found, named, call), _ => Answer(null, named, call));
    }

    private static Answered Answer(RpcEndpointRef? found, RpcEndpointRef named, RpcCallContext call)
    {
        if (found is not null && (named.Incarnation == 0 || found.Incarnation == named.Incarnation))
            call.SendFailure(new SparkException($"{found} was not deployed: only its own env can stop it."));
        else call.Reply(response: false);
        return new Answered();
    }

    private Deployment? Find(RpcEndpointRef endpoint) => endpoint.Incarnation != 0
        ? _deployed.GetValueOrDefault(endpoint)
        : _deployed.Values.FirstOrDefault(deployment => deployment.Message.Name == endpoint.Name);

    private void StopFor(Deployment deployment, RpcCallContext call)
    {
        deployment.StopCalls.Add(call);
        Env.Stop(deployment.Endpoint!);
    }

    private void OnEndpointStopped(RpcEndpointRef endpoint)
    {
        _deployed.Remove(endpoint, out var deployment);
        types.Remove(endpoint);
        foreach (var call in deployment!.StopCalls) call.Reply(response: true);
        Forget(deployment);
    }

    private void OnDeployerGone(RpcEndpointRef self, TerminationCause cause)
    {
        if (!_deployers.Remove(self, out var deployer)) return;
        deployer.IsGone = true;
        Deployment[] ending = [.. deployer.Deployments.Values.Where(deployment => deployment.Message.StopsWithDeployer)];
        log.DeployerGone(self.Address, cause, ending.Length);
        foreach (var deployment in ending) Cancel(deployment);
        if (deployer.Deployments.Count == 0) Release(deployer);
    }

    private void Cancel(Deployment deployment)
    {
        deployment.IsCancelled = true;
        if (deployment.Endpoint is { } endpoint) Env.Stop(endpoint);
    }

    private void Forget(Deployment deployment)
    {
        var deployer = deployment.Deployer;
        deployer.Deployments.Remove(deployment.Message.Id);
        if (deployer.Deployments.Count > 0) return;
        if (!deployer.IsGone && !deployer.Self.Equals(Self)) Unwatch(deployer.Self);
        if (_deployers.GetValueOrDefault(deployer.Self) == deployer) _deployers.Remove(deployer.Self);
        Release(deployer);
    }

    /// <summary>Releases the types and assemblies of a deployer of which nothing is left.</summary>
    private void Release(Deployer deployer)
    {
        if (deployer.Values is { } values) types.Remove(deployer.Self.Address, values);
        deployer.Application?.Unload();
    }

    private void Refuse(RpcCallContext call, RpcAddress deployer, string name, Exception error)
    {
        log.DeploymentFailed(deployer, name, error.Message);
        call.SendFailure(error);
    }

    // To itself

    private sealed record Started(Deployment Deployment, RpcEndpointRef Endpoint);

    private sealed record NotStarted(Deployment Deployment, Exception Error);

    private sealed record Answered;
}
