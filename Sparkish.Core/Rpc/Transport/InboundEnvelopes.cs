#pragma warning disable MA0048 // what came from a peer: sent or asked
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>What a peer sent.</summary>
internal sealed class InboundSend(Backlog backlog, int bytes, object message) : Envelope
{
    private object? _message = message;

    public override void Deliver(RpcEndpoint endpoint) => endpoint.Receive(_message!);

    public override void Refuse(Dispatcher dispatcher, LocalEndpointRef receiver) => dispatcher.ReportUndelivered(_message!, receiver.Name);

    public override void Clear()
    {
        _message = null;
        backlog.Handled(bytes);
    }
}

/// <summary>What a peer asked; the answer goes back over the connection that it came by.</summary>
internal sealed class InboundAsk : AskEnvelope
{
    private readonly Connection _connection;
    private readonly Backlog _backlog;
    private readonly long _id;
    private readonly int _bytes;
    private int _answered;

    public InboundAsk(Connection connection, Backlog backlog, int bytes, long id, object question)
    {
        _connection = connection;
        _backlog = backlog;
        _bytes = bytes;
        _id = id;
        Hold(question);
    }

    public override RpcAddress SenderAddress => _connection.Peer;

    public override bool IsAuthenticated => _connection.IsAuthenticated;

    public override void Reply(int token, object? response)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0) throw AnsweredBefore();
        _connection.SendReply(_id, response);
    }

    public override void SendFailure(int token, Exception error)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0) throw AnsweredBefore();
        _connection.SendFailure(_id, error);
    }

    public override void TrySendFailure(Exception error)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0) _connection.SendFailure(_id, error);
    }

    public override void Clear()
    {
        base.Clear();
        _backlog.Handled(_bytes);
    }
}
