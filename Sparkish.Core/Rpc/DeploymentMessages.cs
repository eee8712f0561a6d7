namespace Sparkish.Rpc;

// Between the endpoint deployers of two envs

/// <summary>Asked to start an endpoint; answered by its <see cref="RpcEndpointRef"/>.</summary>
/// <param name="Id">Which deployment of this deployer it is.</param>
/// <param name="Deployer">The endpoint deployer of the asking env, and so its address and incarnation.</param>
/// <param name="Name">The name of the endpoint.</param>
/// <param name="Factory">A <c>Func&lt;RpcEndpoint&gt;</c> as a graph of objects.</param>
/// <param name="MaxRestarts">The number within its <see cref="RestartLimit"/>.</param>
/// <param name="Within">The window of its <see cref="RestartLimit"/>.</param>
/// <param name="MinBackoff">The first pause before a restart.</param>
/// <param name="MaxBackoff">The longest pause before a restart.</param>
/// <param name="Jitter">The random part of a pause.</param>
/// <param name="StopsWithDeployer">Whether it ends with the deployer.</param>
/// <param name="Build">The build of Sparkish that the deployer runs.</param>
/// <param name="Assemblies">The assemblies of the application that it needs, all of them.</param>
internal sealed record DeployEndpoint(
    long Id, RpcEndpointRef Deployer, string Name, byte[] Factory, int MaxRestarts,
        TimeSpan Within, TimeSpan MinBackoff, TimeSpan MaxBackoff, double Jitter, bool StopsWithDeployer, string Build, DeployedAssembly[] Assemblies)
{
    /// <summary>How often the endpoint may be restarted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A peer sent a pause or a jitter that is out of range.</exception>
    public RestartLimit ToRestartLimit() => new(MaxRestarts, Within) { MinBackoff = MinBackoff, MaxBackoff = MaxBackoff, Jitter = Jitter };
}

/// <summary>Sent when the asker of a <see cref="DeployEndpoint"/> gave up: what was started, or is about to be, is to be stopped.</summary>
internal sealed record CancelDeployment(long Id, RpcEndpointRef Deployer);

/// <summary>Asked to stop an endpoint that was deployed; answered by true when it has stopped, by false when it was not there.</summary>
internal sealed record StopDeployedEndpoint(RpcEndpointRef Endpoint);

/// <summary>An assembly of an application: its module version id and the SHA-256 of its file in hexadecimal digits.</summary>
internal sealed record DeployedAssembly(string Name, Guid Version, string Hash);
