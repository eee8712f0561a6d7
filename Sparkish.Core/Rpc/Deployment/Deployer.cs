using Sparkish.Serialization;

namespace Sparkish.Rpc.Deployment;

/// <summary>The state of one deploying env on this node. Belongs to the endpoint deployer.</summary>
internal sealed class Deployer(RpcEndpointRef self)
{
    /// <summary>Its endpoint deployer.</summary>
    public RpcEndpointRef Self => self;

    /// <summary>Its assemblies; null until a deployment needs one that this process does not have.</summary>
    public DeployedApplication? Application { get; set; }

    /// <summary>Reads the values that it sends; set by its latest deployment.</summary>
    public SerializationContext? Values { get; set; }

    /// <summary>The endpoints that it started or is starting, by deployment number.</summary>
    public Dictionary<long, Deployment> Deployments { get; } = [];

    /// <summary>Whether its env has stopped or its connection has ended.</summary>
    public bool IsGone { get; set; }
}

/// <summary>One endpoint that has started or is starting here.</summary>
internal sealed class Deployment(Deployer deployer, DeployEndpoint message, RpcCallContext call)
{
    public Deployer Deployer => deployer;

    public DeployEndpoint Message => message;

    /// <summary>Completes when the endpoint has started or failed to start.</summary>
    public RpcCallContext Call => call;

    /// <summary>The endpoint, once it has started.</summary>
    public RpcEndpointRef? Endpoint { get; set; }

    /// <summary>Whether to stop the endpoint as soon as it has started.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The call that asked for the stop.</summary>
    public List<RpcCallContext> StopCalls { get; } = [];
}
