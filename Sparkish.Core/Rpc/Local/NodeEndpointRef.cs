namespace Sparkish.Rpc.Local;

/// <summary>The common part of local and remote refs.</summary>
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

    /// <summary>Asks with a timeout that another key controls.</summary>
    /// <param name="message">The question.</param>
    /// <param name="timeout">The timeout of the reply.</param>
    /// <param name="cancellationToken">Cancels the ask.</param>
    /// <param name="wakesThread">Whether a thread waits that the replying thread wakes directly, since the pool may be busy.</param>
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

    /// <summary>Delivers a message to the receiver.</summary>
    protected abstract void Deliver(object message);

    /// <summary>Delivers an ask to the receiver; every outcome is reported to the ask.</summary>
    protected abstract void Deliver(PendingAsk ask, object message);
}
