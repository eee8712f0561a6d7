namespace Sparkish.Rpc;

// Between the endpoint deployers of two envs

/// <summary>Asks to start an endpoint; the reply is its <see cref="RpcEndpointRef"/>.</summary>
/// <param name="Id">The number of the deployment, unique per deployer.</param>
/// <param name="Deployer">The endpoint deployer of the asking env, with its address and incarnation.</param>
/// <param name="Name">The name of the endpoint.</param>
/// <param name="Factory">A <c>Func&lt;RpcEndpoint&gt;</c> as a graph of objects.</param>
/// <param name="MaxRestarts">The number within its <see cref="RestartLimit"/>.</param>
/// <param name="Within">The window of its <see cref="RestartLimit"/>.</param>
/// <param name="MinBackoff">The first pause before a restart.</param>
/// <param name="MaxBackoff">The longest pause before a restart.</param>
/// <param name="Jitter">The random part of a pause.</param>
/// <param name="StopsWithDeployer">Whether the endpoint stops with its deployer.</param>
/// <param name="Build">The build of Sparkish that the deployer runs.</param>
/// <param name="Assemblies">The assemblies of the application that it needs, all of them.</param>
internal sealed record DeployEndpoint(
    long Id, RpcEndpointRef Deployer, string Name, byte[] Factory, int MaxRestarts,
        TimeSpan Within, TimeSpan MinBackoff, TimeSpan MaxBackoff, double Jitter, bool StopsWithDeployer, string Build, DeployedAssembly[] Assemblies)
{
    /// <summary>Limit of restarts of the endpoint.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A peer sent a pause or a jitter that is out of range.</exception>
    public RestartLimit ToRestartLimit() => new(MaxRestarts, Within) { MinBackoff = MinBackoff, MaxBackoff = MaxBackoff, Jitter = Jitter };
}

/// <summary>Sent when the asker of a <see cref="DeployEndpoint"/> has given up waiting: the endpoint that was or will be started must be stopped.</summary>
internal sealed record CancelDeployment(long Id, RpcEndpointRef Deployer);

/// <summary>Asks to stop a deployed endpoint; the reply is true when it has stopped, false if it did not exist.</summary>
internal sealed record StopDeployedEndpoint(RpcEndpointRef Endpoint);

/// <summary>An assembly of an application: its module version id and the SHA-256 of its file in hexadecimal digits.</summary>
internal sealed record DeployedAssembly(string Name, Guid Version, string Hash);
