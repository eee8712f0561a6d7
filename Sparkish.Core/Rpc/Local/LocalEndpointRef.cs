namespace Sparkish.Rpc.Local;

/// <summary>A ref to an endpoint of its own env: messages are passed by reference into the inbox.</summary>
internal sealed class LocalEndpointRef(NodeRpcEnv env, string name, long incarnation) : NodeEndpointRef(env, incarnation)
{
    public override RpcAddress Address => Node.Address;

    public override string Name => name;

    /// <summary>The inbox that it led to last.</summary>
    public Inbox? Home { get; set; }

    /// <summary>Adds an entry to the inbox; false if the endpoint does not exist.</summary>
    public bool Post(Envelope envelope)
    {
        if (Home is { } home && home.Post(envelope)) return true;
        if (Node.Dispatcher.Find(name, Incarnation) is not { } found) return false;
        Home = found;
        return found.Post(envelope);
    }

    protected override void Deliver(object message)
    {
        Envelope envelope = new SendEnvelope(message);
        if (RpcTracing.IsOn) envelope = RpcTracing.Wrap(this, envelope, message);
        if (!Post(envelope)) Node.Dispatcher.ReportUndelivered(message, name, sender: null);
    }

    protected override void Deliver(PendingAsk ask, object message)
    {
        if (!Post(RpcTracing.IsOn ? RpcTracing.Wrap(this, ask, message) : ask)) ask.NotPosted(Node.Dispatcher.NotFound(this));
    }
}
