namespace Sparkish.Rpc;

/// <summary>
/// An endpoint whose handlers may await and still run one at a time: the next message is handled when the task of the previous handler has completed. The inbox
/// waits, but no thread does. An exception of a handler, before or after an <c>await</c>, fails the ask that it handles and is passed to
/// <see cref="RpcEndpoint.OnError"/>. Fields need no lock: there is a happens-before between two handlers.
/// </summary>
/// <remarks>
/// While a handler awaits, everything else for this endpoint waits too: timers, network events, the stop. So a handler must not await a reply that needs this
/// endpoint. If other messages must be handled meanwhile, use <see cref="RpcEndpoint.PipeToSelf{T}(Task{T}, Func{T, object}, Func{Exception, object}?)"/>.
/// </remarks>
public abstract class AsyncRpcEndpoint : RpcEndpoint
{
    private bool _isAwaited;
    private CancellationToken _abandoned;
    private Task? _running;

    /// <summary>Handles a message that was sent.</summary>
    /// <param name="message">The message.</param>
    /// <param name="abandoned">Cancelled when the deadline of a stop has passed: nothing waits for this handler any more.</param>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the message.</exception>
    protected virtual ValueTask ReceiveAsync(object message, CancellationToken abandoned) => throw new UnhandledMessageException(Self, message);

    /// <summary>Handles an ask; the reply goes through <paramref name="call"/>, now or later.</summary>
    /// <param name="message">The question.</param>
    /// <param name="call">The call to reply through.</param>
    /// <param name="abandoned">Cancelled when the deadline of a stop has passed: nothing waits for this handler any more.</param>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the message.</exception>
    protected virtual ValueTask ReceiveAndReplyAsync(object message, RpcCallContext call, CancellationToken abandoned) =>
        throw new UnhandledMessageException(Self, message);

    /// <summary>Starts <see cref="ReceiveAsync"/>.</summary>
    /// <exception cref="NotSupportedException">The env does not wait for handlers.</exception>
    public sealed override void Receive(object message)
    {
        CheckAwaited();
        Begin(ReceiveAsync(message, _abandoned));
    }

    /// <summary>Starts <see cref="ReceiveAndReplyAsync"/>.</summary>
    /// <exception cref="NotSupportedException">The env does not wait for handlers.</exception>
    public sealed override void ReceiveAndReply(object message, RpcCallContext call)
    {
        CheckAwaited();
        Begin(ReceiveAndReplyAsync(message, call, _abandoned));
    }

    /// <summary>Its env waits for each handler before it delivers the next message.</summary>
    internal void LetAwait(CancellationToken abandoned)
    {
        _isAwaited = true;
        _abandoned = abandoned;
    }

    /// <summary>Returns the task of the last started handler if it is still running.</summary>
    internal Task? TakeRunning()
    {
        var running = _running;
        _running = null;
        return running;
    }

    private void Begin(ValueTask work)
    {
        if (!work.IsCompleted) _running = work.AsTask();
#pragma warning disable VSTHRD002 // completed: throws the handler's exception
        else work.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    private void CheckAwaited()
    {
        if (_isAwaited) return;
        throw new NotSupportedException(
            $"{Env.GetType().Name} does not wait for handlers (RpcEnv.AwaitHandlers), so {GetType().Name} cannot run there: derive it from RpcEndpoint, and use PipeToSelf.");
    }
}
