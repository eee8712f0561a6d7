namespace Sparkish.Rpc;

/// <summary>
/// An actor: <see cref="OnStart"/>, then messages one at a time, then <see cref="OnStop"/>. No two handlers run at once, and there is a happens-before between
/// them; a <see cref="ConcurrentRpcEndpoint"/> has neither guarantee. Handlers do not block and do not await; the result of slow work arrives as a message
/// (<see cref="PipeToSelf{T}(Task{T}, Func{T, object}, Func{Exception, object}?)"/>). Time, timers, randomness and completions come from <see cref="Env"/>, so
/// that the same endpoint runs in simulation.
/// </summary>
public abstract class RpcEndpoint
{
    [ThreadStatic]
    private static IMessageSource? _source;

    private RpcEndpointRef? _self;

    /// <summary>The env of this endpoint; set before <see cref="OnStart"/>.</summary>
    protected RpcEnv Env => Self.Env;

    /// <summary>The ref of this endpoint; set before <see cref="OnStart"/> and valid through <see cref="OnStop"/>.</summary>
    protected RpcEndpointRef Self => _self ?? throw new InvalidOperationException($"{GetType().Name} is not registered with an env yet.");

    /// <summary>
    /// The env that sent the message that <see cref="Receive"/> is handling; null if it is this env itself, and outside of that call. An endpoint that awaits
    /// must read it before its first await. In an event-sourced endpoint it is the sender of the command that is being handled.
    /// </summary>
    protected static RpcPeer? Sender => _source?.Peer;

    /// <summary>Calls a handler of a message that has waited, as if its sender had just sent it.</summary>
    private protected static T HandleFrom<T>(RpcPeer? sender, Func<T> handler)
    {
        var outer = _source;
        _source = sender is null ? null : new WaitingSource(sender);
        try
        {
            return handler();
        }
        finally
        {
            _source = outer;
        }
    }

    private sealed record WaitingSource(RpcPeer Peer) : IMessageSource;

    /// <summary>Delivers a message together with its sender.</summary>
    internal void ReceiveFrom(IMessageSource source, object message)
    {
        _source = source;
        try
        {
            Receive(message);
        }
        finally
        {
            _source = null;
        }
    }

    /// <summary>Keeps a sender for the messages that this thread delivers next, until it keeps another one or none.</summary>
    internal static void KeepSender(IMessageSource? source) => _source = source;

    /// <summary>Binds the instance to its ref; called once by its env before <see cref="OnStart"/>.</summary>
    internal void Attach(RpcEndpointRef self)
    {
        if (_self is not null) throw new InvalidOperationException($"{GetType().Name} is already registered as {_self}: register a new instance.");
        _self = self;
    }

    /// <summary>Runs before the first message.</summary>
    public virtual void OnStart() { }

    /// <summary>Handles a message that was sent.</summary>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the message.</exception>
    public virtual void Receive(object message) => throw new UnhandledMessageException(_self!, message);

    /// <summary>Handles an ask; the reply goes through <paramref name="call"/>, now or later.</summary>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the message.</exception>
    public virtual void ReceiveAndReply(object message, RpcCallContext call) => throw new UnhandledMessageException(_self!, message);

    /// <summary>
    /// Called when a handler threw, or a task given to <see cref="PipeToSelf{T}(Task{T}, Func{T, object}, Func{Exception, object}?)"/> failed. An asker has
    /// already received the error; the result says how the endpoint continues. Unless overridden, the error is logged and the endpoint continues. An exception
    /// of this method is logged, and the endpoint continues.
    /// </summary>
    public virtual ErrorDirective OnError(Exception error)
    {
        Env.ReportHandlerError(Self, error);
        return ErrorDirective.Resume;
    }

    /// <summary>Called when a connection with a peer was established, by either side. Every endpoint is notified of every peer.</summary>
    public virtual void OnConnected(RpcAddress remote) { }

    /// <summary>
    /// Called when the connection with a peer has ended, once per connection that <see cref="OnConnected"/> reported. A peer that was dialled under another
    /// address than it advertises is reported under both.
    /// </summary>
    public virtual void OnDisconnected(RpcAddress remote) { }

    /// <summary>Called when a peer could not be reached, or messages to it were dropped.</summary>
    public virtual void OnNetworkError(Exception error, RpcAddress remote) { }

    /// <summary>
    /// Runs after the last message; every message that arrived before the stop was handled. Also runs on an instance that a restart replaces.
    /// </summary>
    public virtual void OnStop() { }

    /// <summary>Stops this endpoint after the messages that are already in its inbox.</summary>
    protected void Stop() => Env.Stop(Self);

    /// <summary>
    /// Requests one <see cref="EndpointTerminated"/> when a local or remote endpoint stops or its node is gone. It is sent at once if the endpoint does not
    /// exist. Watching twice notifies once. The watch ends with the notification, with <see cref="Unwatch"/>, or with this endpoint.
    /// </summary>
    protected void Watch(RpcEndpointRef endpoint) => Env.Watch(Self, endpoint);

    /// <summary>Cancels a <see cref="Watch"/>; an <see cref="EndpointTerminated"/> that is already in the inbox is still delivered.</summary>
    protected void Unwatch(RpcEndpointRef endpoint) => Env.Unwatch(Self, endpoint);

    /// <summary>
    /// Converts a task's outcome to a message to this endpoint. Both functions run on another thread than the handlers, so they must not access the endpoint's
    /// fields. A failure of the task or of <paramref name="onSuccess"/> is passed to <paramref name="onFailure"/>, or to <see cref="OnError"/> if that is null.
    /// An exception of <paramref name="onFailure"/> is passed to <see cref="OnError"/> as an <see cref="AggregateException"/> whose inner exception is the
    /// failure. A function that returns null has failed.
    /// </summary>
    /// <remarks>
    /// The message is delivered even if the endpoint was restarted meanwhile, like every message: it may contain an ask to reply to. An error reaches only the
    /// instance that passed the task; if that is gone, the error is logged.
    /// </remarks>
    protected void PipeToSelf<T>(Task<T> work, Func<T, object> onSuccess, Func<Exception, object>? onFailure = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        PipeToSelf(new ValueTask<T>(work), onSuccess, onFailure);
    }

    /// <inheritdoc cref="PipeToSelf{T}(Task{T}, Func{T, object}, Func{Exception, object}?)"/>
    protected void PipeToSelf<T>(ValueTask<T> work, Func<T, object> onSuccess, Func<Exception, object>? onFailure = null)
    {
        ArgumentNullException.ThrowIfNull(onSuccess);
        var context = SynchronizationContext.Current;
        _ = DeliverAsync(Self, MakeAsync, onFailure); // its every outcome becomes a message to the endpoint, which owns it

        async ValueTask<object?> MakeAsync()
        {
            var result = await work.ConfigureAwait(false);
            return Under(context, () => onSuccess(result));
        }
    }

    /// <inheritdoc cref="PipeToSelf{T}(Task{T}, Func{T, object}, Func{Exception, object}?)"/>
    protected void PipeToSelf(Task work, Func<object> onSuccess, Func<Exception, object>? onFailure = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        PipeToSelf(new ValueTask(work), onSuccess, onFailure);
    }

    /// <inheritdoc cref="PipeToSelf{T}(Task{T}, Func{T, object}, Func{Exception, object}?)"/>
    protected void PipeToSelf(ValueTask work, Func<object> onSuccess, Func<Exception, object>? onFailure = null)
    {
        ArgumentNullException.ThrowIfNull(onSuccess);
        var context = SynchronizationContext.Current;
        _ = DeliverAsync(Self, MakeAsync, onFailure);

        async ValueTask<object?> MakeAsync()
        {
            await work.ConfigureAwait(false);
            return Under(context, onSuccess);
        }
    }

    /// <summary>Calls a function like a handler: an exception of an <c>async void</c> method that it starts is an error of this endpoint.</summary>
    private static object Under(SynchronizationContext? context, Func<object> function)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            return function();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private async Task DeliverAsync(RpcEndpointRef self, Func<ValueTask<object?>> make, Func<Exception, object>? onFailure)
    {
        try
        {
            self.Send(await make().ConfigureAwait(false)
                ?? throw new InvalidOperationException($"A function that {self.Name} passed to PipeToSelf returned null for its task's result."));
        }
        catch (Exception error)
        {
            Deliver(self, error, onFailure);
        }
    }

    private void Deliver(RpcEndpointRef self, Exception error, Func<Exception, object>? onFailure)
    {
        if (onFailure is null)
        {
            self.Env.PostErrorOf(this, self, error);
            return;
        }

        try
        {
            self.Send(onFailure(error)
                ?? throw new InvalidOperationException($"A function that {self.Name} passed to PipeToSelf returned null for its task's failure."));
        }
        catch (Exception second)
        {
            self.Env.PostErrorOf(
                this, self, new AggregateException($"A task of {self.Name} failed, and so did the function that converts the failure to a message.", error, second));
        }
    }
}

/// <summary>The origin of a message.</summary>
internal interface IMessageSource
{
    /// <summary>The env that sent it.</summary>
    RpcPeer Peer { get; }
}
