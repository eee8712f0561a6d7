namespace Sparkish.Rpc.Transport;

/// <summary>A ref of a network env: to its own endpoints by reference, to others over the wire.</summary>
internal sealed class NetworkRpcEndpointRef(NetworkRpcEnv env, RpcEndpointAddress address) : RpcEndpointRef
{
    public override RpcAddress Address => address.Address;

    public override string Name => address.Name;

    public override void Send(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        env.Send(address, message);
    }

    public override Task<T> AskAsync<T>(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return env.AskAsync<T>(address, message, timeout is { } given ? new(given, null) : env.Options.Ask, cancellationToken);
    }
}
