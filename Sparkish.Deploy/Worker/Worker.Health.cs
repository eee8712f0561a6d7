using Sparkish.Rpc;

namespace Sparkish.Deploy.Worker;

/// <content>Tells its own process whether it is registered.</content>
internal sealed partial class Worker
{
    // No registered message, so no peer can send it.
    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case RequestIsRegistered: call.Reply(_phase is Registered); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    /// <summary>Asked by the process itself; the reply is true while a master has registered this worker.</summary>
    internal sealed record RequestIsRegistered;
}
