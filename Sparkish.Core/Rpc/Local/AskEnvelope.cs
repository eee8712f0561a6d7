namespace Sparkish.Rpc.Local;

/// <summary>The message of an ask, and the call that replies to it.</summary>
internal abstract class AskEnvelope : Envelope, IRpcCall
{
    private object? _question;

    public sealed override bool IsWaiting => _question is not null;

    public abstract RpcAddress SenderAddress { get; }

    public abstract bool IsAuthenticated { get; }

    public virtual RpcPeer? Peer => null;

    /// <summary>Identifies the use of this call.</summary>
    protected virtual int Token => 0;

    public abstract void Reply(int token, object? response);

    public abstract void SendFailure(int token, Exception error);

    /// <summary>Fails the ask unless it was already answered.</summary>
    public abstract void TrySendFailure(Exception error);

    public sealed override void Deliver(RpcEndpoint endpoint) => endpoint.ReceiveAndReply(_question!, new RpcCallContext(this, Token));

    public sealed override void Fail(Exception error) => TrySendFailure(error);

    public sealed override void Refuse(Dispatcher dispatcher, LocalEndpointRef receiver) => TrySendFailure(dispatcher.NotFound(receiver));

    public override void Clear() => _question = null;

    /// <summary>Adds the ask to the inbox.</summary>
    protected void Hold(object question) => _question = question;

    protected static InvalidOperationException AnsweredBefore() => new("This ask was already answered: reply once.");
}
