#pragma warning disable MA0048 // the typed half stands beside the untyped one
namespace Sparkish.Rpc.Local;

/// <summary>An ask that waits for its outcome: reply, failure, timeout or cancellation, whichever comes first. Safe for all threads.</summary>
internal abstract class PendingAsk
{
    private ITimer? _timer;
    private CancellationTokenRegistration _cancellation;
    private Action<long>? _forget;
    private AskTimeout _timeout;
    private int _ended;

    protected PendingAsk(RpcEndpointAddress receiver) => Receiver = receiver;

    public RpcEndpointAddress Receiver { get; }

    /// <summary>Whether it has its outcome.</summary>
    public bool HasEnded => Volatile.Read(ref _ended) != 0;

    /// <summary>The number of a remote ask on its connection.</summary>
    public long Id { get; private set; }

    /// <summary>Tells the ask where it is kept, so that an outcome of its own making takes it out there.</summary>
    public void KeptAs(long id, Action<long> forget)
    {
        Id = id;
        _forget = forget;
    }

    /// <summary>Arms timeout and cancellation; called once, before the question leaves.</summary>
    public void Arm(AskTimeout timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        _timeout = timeout;
        if (timeout.Duration != Timeout.InfiniteTimeSpan)
            _timer = time.CreateTimer(static state => ((PendingAsk)state!).Expire(), this, timeout.Duration, Timeout.InfiniteTimeSpan);
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((PendingAsk)state!).Cancel(token), this);
        if (Volatile.Read(ref _ended) != 0) Disarm();
    }

    public void Complete(object? reply)
    {
        if (TryEnd()) SetReply(reply);
    }

    public void Fail(Exception error)
    {
        if (TryEnd()) SetFailure(error);
    }

    protected abstract void SetReply(object? reply);

    protected abstract void SetFailure(Exception error);

    protected abstract void SetCanceled(CancellationToken token);

    private void Expire() => Fail(_timeout.Expired(Receiver));

    private void Cancel(CancellationToken token)
    {
        if (TryEnd()) SetCanceled(token);
    }

    private bool TryEnd()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return false;
        Disarm();
        _forget?.Invoke(Id);
        return true;
    }

    private void Disarm()
    {
        _timer?.Dispose();
        _cancellation.Unregister();
    }
}

/// <summary>An ask whose reply is of a type.</summary>
internal sealed class PendingAsk<T>(RpcEndpointAddress receiver) : PendingAsk(receiver)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _completion.Task;

    protected override void SetReply(object? reply)
    {
        if (reply is T typed) _completion.SetResult(typed);
        else if (reply is null && default(T) is null) _completion.SetResult(default!);
        else _completion.SetException(new SparkException($"{Receiver} answered with {reply?.GetType().ToString() ?? "null"} where {typeof(T)} was asked for."));
    }

    protected override void SetFailure(Exception error) => _completion.SetException(error);

    protected override void SetCanceled(CancellationToken token) => _completion.SetCanceled(token);
}
