namespace Sparkish.Rpc.Local;

/// <summary>A ref to an endpoint of another env.</summary>
internal sealed class RemoteEndpointRef(NodeRpcEnv env, RpcEndpointAddress address, long incarnation) : NodeEndpointRef(env, incarnation)
{
    public override RpcAddress Address => address.Address;

    public override string Name => address.Name;

    /// <summary>The cached route of the env to this endpoint.</summary>
    public object? Route { get; set; }

    protected override void Deliver(object message) => Node.SendRemote(this, message);

    protected override void Deliver(PendingAsk ask, object message)
    {
        // No inbox of this env holds the ask: the receiver's handling of it does not involve this object.
        var use = ask.Use;
        ask.Released();
        try
        {
            Node.AskRemote(this, message, ask, use);
        }
        catch (Exception error)
        {
            ask.Answer(use, null, error);
        }
    }
}
