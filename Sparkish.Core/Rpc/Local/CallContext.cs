namespace Sparkish.Rpc.Local;

/// <summary>A call that can be answered once; who comes second is told.</summary>
internal abstract class CallContext : RpcCallContext
{
    private int _answered;

    public sealed override void Reply(object? response)
    {
        Claim();
        Answer(response);
    }

    public sealed override void SendFailure(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        Claim();
        Fail(error);
    }

    /// <summary>Fails the question unless it was answered before.</summary>
    public void TrySendFailure(Exception error)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0) Fail(error);
    }

    protected abstract void Answer(object? response);

    protected abstract void Fail(Exception error);

    private void Claim()
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0) throw new InvalidOperationException("This question was answered before; answer once.");
    }
}
