#pragma warning disable MA0048 // messages and asks from peers, and their connection
namespace Sparkish.Rpc.Local;

/// <summary>A connection with a peer, as its received messages see it. Safe on all threads of the env.</summary>
internal interface IInboundConnection
{
    /// <summary>The unique number of this connection within the env.</summary>
    long Id { get; }

    /// <summary>The address that the peer advertises.</summary>
    RpcAddress Peer { get; }

    /// <summary>The identity of the peer.</summary>
    RpcPeer Identity { get; }

    /// <summary>Replies to an ask of the peer.</summary>
    /// <param name="id">The question.</param>
    /// <param name="response">The answer.</param>
    /// <param name="moreFollow">Whether the endpoint is about to handle more messages, whose replies may be sent together with this one.</param>
    void SendReply(long id, object? response, bool moreFollow);

    /// <summary>Fails a question of the peer.</summary>
    void SendFailure(long id, Exception error, bool moreFollow);
}

/// <summary>The origin of a message: a connection, and the credit that it has for one endpoint.</summary>
internal interface IInboundSource : IMessageSource
{
    IInboundConnection Connection { get; }

    /// <summary>The amount that a turn may handle before it reports.</summary>
    long UncountedCost { get; }

    /// <summary>Reports that messages of this cost were handled or dropped.</summary>
    void Handled(long cost);
}

/// <summary>A message from a peer.</summary>
internal sealed class InboundSend(IInboundSource source, int cost, object message) : Envelope
{
    private object? _message = message;

    public override bool IsWaiting => _message is not null;

    public override void Deliver(RpcEndpoint endpoint) => endpoint.ReceiveFrom(source, _message!);

    /// <summary>Passes the content to the endpoint within a run of messages, mostly of one peer: the thread keeps the sender from one to the next.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="sender">The sender that the thread keeps.</param>
    public void Deliver(RpcEndpoint endpoint, ref IMessageSource? sender)
    {
        if (!ReferenceEquals(sender, source)) RpcEndpoint.KeepSender(sender = source);
        endpoint.Receive(_message!);
    }

    public override void Refuse(Dispatcher dispatcher, LocalEndpointRef receiver) =>
        dispatcher.ReportUndelivered(_message!, receiver.Name, source.Connection.Peer);

    public override void Clear()
    {
        _message = null;
        Turn.CountHandled(source, cost);
    }

    /// <summary>Like <see cref="Clear()"/>, where the turn is at hand.</summary>
    public void Clear(Turn turn)
    {
        _message = null;
        turn.Count(source, cost);
    }
}

/// <summary>An ask from a peer; the reply is sent over the connection on which it arrived.</summary>
internal sealed class InboundAsk : AskEnvelope
{
    private readonly IInboundSource _source;
    private readonly long _id;
    private readonly int _cost;
    private int _answered;

    public InboundAsk(IInboundSource source, int cost, long id, object question)
    {
        _source = source;
        _cost = cost;
        _id = id;
        Hold(question);
    }

    /// <summary>The connection on which the ask arrived.</summary>
    public IInboundConnection Connection => _source.Connection;

    // The entry is the head of its queue while it is handled.
    private bool MoreFollow => Volatile.Read(ref Next) is not null;

    public override RpcAddress SenderAddress => Connection.Peer;

    public override bool IsAuthenticated => Connection.Identity.IsAuthenticated;

    public override RpcPeer? Peer => Connection.Identity;

    public override void Reply(int token, object? response)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0) throw AnsweredBefore();
        Connection.SendReply(_id, response, MoreFollow);
    }

    public override void SendFailure(int token, Exception error)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0) throw AnsweredBefore();
        Connection.SendFailure(_id, error, MoreFollow);
    }

    public override void TrySendFailure(Exception error)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0) Connection.SendFailure(_id, error, MoreFollow);
    }

    public override void Clear()
    {
        base.Clear();
        Turn.CountHandled(_source, _cost);
    }
}
