namespace Sparkish.Rpc.Local;

/// <summary>A question from the same env: reply and failure are handed over as they are.</summary>
internal sealed class LocalCall(PendingAsk ask, RpcAddress sender) : CallContext
{
    public override RpcAddress SenderAddress => sender;

    protected override void Answer(object? response) => ask.Complete(response);

    protected override void Fail(Exception error) => ask.Fail(error);
}
