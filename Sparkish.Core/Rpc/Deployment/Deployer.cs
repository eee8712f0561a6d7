using Sparkish.Serialization;

namespace Sparkish.Rpc.Deployment;

/// <summary>What a deploying env has on this node; state of the endpoint deployer.</summary>
internal sealed class Deployer(RpcEndpointRef self)
{
    /// <summary>Its endpoint deployer.</summary>
    public RpcEndpointRef Self => self;

    /// <summary>Its assemblies; null until it needs one that this process has not.</summary>
    public DeployedApplication? Application { get; set; }

    /// <summary>What reads values that it sends; the latest of its deployments decides.</summary>
    public SerializationContext? Values { get; set; }

    /// <summary>What it started or is starting, by the numbers of its deployments.</summary>
    public Dictionary<long, Deployment> Deployments { get; } = [];

    /// <summary>Whether its env has stopped or the connection with it has ended.</summary>
    public bool IsGone { get; set; }
}

/// <summary>One endpoint that was or is being started here.</summary>
internal sealed class Deployment(Deployer deployer, DeployEndpoint message, RpcCallContext call)
{
    public Deployer Deployer => deployer;

    public DeployEndpoint Message => message;

    /// <summary>Answered when the endpoint is there, or cannot be.</summary>
    public RpcCallContext Call => call;

    /// <summary>The endpoint, when it is there.</summary>
    public RpcEndpointRef? Endpoint { get; set; }

    /// <summary>Whether it is to be stopped as soon as it is there.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Who asked that it stop.</summary>
    public List<RpcCallContext> StopCalls { get; } = [];
}
