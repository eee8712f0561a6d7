using System.Threading.Tasks.Sources;

namespace Sparkish.Rpc.Local;

/// <summary>An ask with a typed reply; the source of the caller's <see cref="ValueTask{T}"/>.</summary>
internal sealed class PendingAsk<T> : PendingAsk, IValueTaskSource<T>
{
    private const int MaxPooled = 512;

    [ThreadStatic]
    private static Stack<PendingAsk<T>>? _pool;

    private ManualResetValueTaskSourceCore<T> _core;
    private NodeRpcEnv? _env;
    private RpcEndpointRef _receiver = null!;
    private object? _response;
    private Exception? _error;
    private int _holders;
    private bool _isConsumed;
    private bool _wakesThread;

    public override RpcEndpointRef Receiver => _receiver;

    public override Type ReplyType => typeof(T);

    public override RpcAddress SenderAddress => Env.Address;

    public override bool IsAuthenticated => true;

    private NodeRpcEnv Env => _env ?? throw AnsweredBefore();

    /// <summary>An ask ready for <see cref="Begin"/>.</summary>
    public static PendingAsk<T> Rent(NodeRpcEnv env, RpcEndpointRef receiver, bool wakesThread = false)
    {
        if (_pool is null || !_pool.TryPop(out var ask)) ask = new PendingAsk<T>();
        ask._env = env;
        ask._receiver = receiver;
        ask._wakesThread = wakesThread;
        return ask;
    }

    /// <summary>Starts the ask; the result belongs to the asker.</summary>
    public ValueTask<T> Begin(object question, AskTimeout timeout, CancellationToken cancellationToken)
    {
        // The owners that must release the object before its reuse: the replying side, the caller, the inbox. A cancellable ask has a fourth that never does,
        // since a cancellation may always be pending.
        _holders = cancellationToken.CanBeCanceled ? 4 : 3;
        Hold(question);
        var result = new ValueTask<T>(this, _core.Version);
        Arm(Env.Deadlines, timeout, cancellationToken);
        return result;
    }

    public override void Retain() => Interlocked.Increment(ref _holders);

    public override void Released() => LetGo();

    public override void Execute()
    {
        var env = Env;
        try
        {
            Complete(_response);
        }
        catch (Exception error)
        {
            env.ReportContinuation(error);
        }
    }

    public T GetResult(short token)
    {
        var isOver = _core.GetStatus(token) != ValueTaskSourceStatus.Pending; // a token of an earlier use throws here
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            if (isOver && !_isConsumed)
            {
                _isConsumed = true;
                LetGo();
            }
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    protected override void SetOutcome(object? response, Exception? error)
    {
        Disarm();
        _response = response;
        _error = error;
        if (_wakesThread) Execute();
        else Env.Scheduler.Schedule(this, preferLocal: true);
    }

    protected override void SetCanceled(CancellationToken token) => SetOutcome(null, new OperationCanceledException(token));

    protected override void ReleaseAnswer() => LetGo();

    private void Complete(object? response)
    {
        if (_error is { } error) _core.SetException(error);
        else if (response is T typed) _core.SetResult(typed);
        else if (response is null && default(T) is null) _core.SetResult(default!);
        else _core.SetException(WrongType(response));
    }

    private SparkException WrongType(object? response) =>
        new($"{_receiver} replied with {response?.GetType().ToString() ?? "null"} where {typeof(T)} was expected.");

    private void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        Clear();
        _core.Reset();
        _response = null;
        _error = null;
        _receiver = null!;
        _env = null; // the pool outlives envs
        _isConsumed = false;
        Renew();
        _pool ??= new Stack<PendingAsk<T>>();
        if (_pool.Count < MaxPooled) _pool.Push(this);
    }
}
