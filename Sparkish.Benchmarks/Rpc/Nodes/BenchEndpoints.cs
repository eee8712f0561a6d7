#pragma warning disable MA0048 // the two endpoints of the server belong together
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Nodes;

/// <summary>Answers each question with the question.</summary>
internal sealed class EchoEndpoint : RpcEndpoint
{
    public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(message);
}

/// <summary>
/// Counts what is sent to it and tells the count when asked; an answer therefore follows the handling of all that was sent before the question.
/// </summary>
internal sealed class CountEndpoint : RpcEndpoint
{
    private long _count;

    public override void Receive(object message)
    {
        switch (message)
        {
            case Payload: _count++; break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case CountSoFar: call.Reply(_count); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }
}
