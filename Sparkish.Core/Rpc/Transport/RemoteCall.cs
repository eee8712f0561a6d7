using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>A question from a peer; the answer goes back over the connection that it came by.</summary>
internal sealed class RemoteCall(Connection connection, long id) : CallContext
{
    public override RpcAddress SenderAddress => connection.Peer;

    protected override void Answer(object? response) => connection.SendReply(id, response);

    protected override void Fail(Exception error) => connection.SendFailure(id, error);
}
