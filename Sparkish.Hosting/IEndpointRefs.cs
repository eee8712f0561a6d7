using Sparkish.Rpc;

namespace Sparkish.Hosting;

/// <summary>The refs to the endpoints of one hosted env, by name. Valid before the host has started and after an endpoint was restarted.</summary>
public interface IEndpointRefs
{
    /// <summary>The env of the endpoints.</summary>
    RpcEnv Env { get; }

    /// <summary>Returns the ref to an endpoint that was added to the env.</summary>
    /// <exception cref="KeyNotFoundException">No endpoint of this name was added.</exception>
    RpcEndpointRef Get(string name);

    /// <summary>Returns the ref to an endpoint that was added to the env, for messages of one type.</summary>
    /// <exception cref="KeyNotFoundException">No endpoint of this name was added.</exception>
    RpcEndpointRef<TMessage> Get<TMessage>(string name)
        where TMessage : notnull => Get(name).As<TMessage>();
}
