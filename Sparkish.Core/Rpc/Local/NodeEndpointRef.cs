namespace Sparkish.Rpc.Local;

/// <summary>What refs to endpoints here and elsewhere have in common.</summary>
internal abstract class NodeEndpointRef(NodeRpcEnv env, long incarnation) : RpcEndpointRef
{
    public sealed override RpcEnv Env => env;

    public sealed override long Incarnation => incarnation;

    protected NodeRpcEnv Node => env;

    public sealed override void Send(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        env.CheckThread();
        Deliver(message);
    }

    public sealed override ValueTask<T> AskAsync<T>(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        AskAsync<T>(message, timeout is { } given ? AskTimeout.Given(given) : env.AskTimeout, cancellationToken);

    public sealed override T AskSync<T>(object message, TimeSpan? timeout = null) => env.WaitFor(() => AskAsync<T>(
        message, timeout is { } given ? AskTimeout.Given(given) : env.AskTimeout, CancellationToken.None, wakesThread: true));

    /// <summary>Asks with a timeout that a key of its own controls.</summary>
    /// <param name="message">The question.</param>
    /// <param name="timeout">How long the answer is waited for.</param>
    /// <param name="cancellationToken">Gives the ask up.</param>
    /// <param name="wakesThread">Whether a thread waits, which the answering one wakes itself: the pool may be too busy to.</param>
    public ValueTask<T> AskAsync<T>(object message, AskTimeout timeout, CancellationToken cancellationToken, bool wakesThread = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        env.CheckThread();
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<T>(cancellationToken);
        if (timeout.IsOver) return ValueTask.FromException<T>(timeout.Expired(new RpcEndpointAddress(Address, Name)));
        var ask = PendingAsk<T>.Rent(env, this, wakesThread);
        var result = ask.Begin(message, timeout, cancellationToken);
        Deliver(ask, message);
        return result;
    }

    /// <summary>Brings what was sent to the receiver.</summary>
    protected abstract void Deliver(object message);

    /// <summary>Brings what was asked to the receiver; every outcome goes to the ask.</summary>
    protected abstract void Deliver(PendingAsk ask, object message);
}
