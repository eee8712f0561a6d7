namespace Sparkish.Rpc;

/// <summary>
/// An endpoint whose handlers may await and still run one at a time: the next message is handled when the task of the one before has ended. No thread waits
/// meanwhile; the inbox does. What a handler throws, before or after an <c>await</c>, fails its question and goes to <see cref="RpcEndpoint.OnError"/>. Fields
/// need no lock: there
/// is a happens-before between two handlers.
/// </summary>
/// <remarks>
/// While a handler awaits, everything else for this endpoint waits too: timers, network events, the stop. So a handler must not await an answer that needs this
/// endpoint. Where other messages should be handled meanwhile, use <see cref="RpcEndpoint.PipeToSelf{T}(Task{T}, Func{T, object}, Func{Exception, object}?)"/>.
/// </remarks>
public abstract class AsyncRpcEndpoint : RpcEndpoint
{
    private bool _isAwaited;
    private CancellationToken _abandoned;
    private Task? _running;

    /// <summary>Takes what was sent.</summary>
    /// <param name="message">The message.</param>
    /// <param name="abandoned">Cancelled when the deadline of a stop has passed: nobody waits for this handler any more.</param>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the message.</exception>
    protected virtual ValueTask ReceiveAsync(object message, CancellationToken abandoned) => throw new UnhandledMessageException(Self, message);

    /// <summary>Takes what was asked; the answer goes through <paramref name="call"/>, now or later.</summary>
    /// <param name="message">The question.</param>
    /// <param name="call">What the question is answered through.</param>
    /// <param name="abandoned">Cancelled when the deadline of a stop has passed: nobody waits for this handler any more.</param>
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

    /// <summary>Takes the task of the handler that was started last, if that has not ended yet.</summary>
    internal Task? TakeRunning()
    {
        var running = _running;
        _running = null;
        return running;
    }

    private void Begin(ValueTask work)
    {
        if (!work.IsCompleted) _running = work.AsTask();
#pragma warning disable VSTHRD002 // it has completed: this throws what it failed with
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
