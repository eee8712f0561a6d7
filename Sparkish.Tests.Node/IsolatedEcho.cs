using Sparkish.Rpc;

namespace Sparkish.Tests.Node;

/// <summary>Answers each question with the question, on a thread of its own.</summary>
internal sealed class IsolatedEcho : IsolatedRpcEndpoint
{
    public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(message);
}
