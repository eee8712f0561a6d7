namespace Sparkish.Rpc.Local;

/// <summary>Replies to peers whether an endpoint is registered.</summary>
internal sealed class EndpointVerifier(Dispatcher dispatcher) : RpcEndpoint
{
    /// <summary>Its name in every env.</summary>
    public const string EndpointName = "endpoint-verifier";

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case CheckExistence m: call.Reply(dispatcher.Find(m.Name, 0)?.Self.Incarnation ?? 0L); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }
}
