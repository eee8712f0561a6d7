#pragma warning disable MA0048 // what came from a peer, sent or asked, and what it came by
namespace Sparkish.Rpc.Local;

/// <summary>A connection with a peer, as what came over it needs it. Safe for all threads that the env runs on.</summary>
internal interface IInboundConnection
{
    RpcAddress Peer { get; }

    bool IsAuthenticated { get; }

    /// <summary>A message of so many bytes was handled, or dropped.</summary>
    void Handled(int bytes);

    /// <summary>Answers a question of the peer.</summary>
    void SendReply(long id, object? response);

    /// <summary>Fails a question of the peer.</summary>
    void SendFailure(long id, Exception error);
}

/// <summary>What a peer sent.</summary>
internal sealed class InboundSend(IInboundConnection connection, int bytes, object message) : Envelope
{
    private object? _message = message;

    public override void Deliver(RpcEndpoint endpoint) => endpoint.Receive(_message!);

    public override void Refuse(Dispatcher dispatcher, LocalEndpointRef receiver) => dispatcher.ReportUndelivered(_message!, receiver.Name);

    public override void Clear()
    {
        _message = null;
        connection.Handled(bytes);
    }
}

/// <summary>What a peer asked; the answer goes back over the connection that it came by.</summary>
internal sealed class InboundAsk : AskEnvelope
{
    private readonly IInboundConnection _connection;
    private readonly long _id;
    private readonly int _bytes;
    private int _answered;

    public InboundAsk(IInboundConnection connection, int bytes, long id, object question)
    {
        _connection = connection;
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
        _connection.Handled(_bytes);
    }
}
