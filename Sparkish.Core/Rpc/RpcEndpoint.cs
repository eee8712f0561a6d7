namespace Sparkish.Rpc;

/// <summary>
/// An actor: <see cref="OnStart"/>, then messages one at a time, then <see cref="OnStop"/>; never two handlers at once, with a happens-before
/// between them (<see cref="ConcurrentRpcEndpoint"/> gives that up). Handlers do not block and do not await; slow work comes back as a message
/// (<see cref="PipeToSelf{T}(Task{T}, Func{T, object}, Func{Exception, object}?)"/>). Time, timers, randomness and completions come from <see cref="Env"/>, so
/// that the same endpoint runs in simulation.
/// </summary>
public abstract class RpcEndpoint
{
    [ThreadStatic]
    private static IMessageSource? _source;

    private RpcEndpointRef? _self;

    /// <summary>The env this endpoint lives in; set before <see cref="OnStart"/>.</summary>
    protected RpcEnv Env => Self.Env;

    /// <summary>The ref of this endpoint; set before <see cref="OnStart"/> and valid through <see cref="OnStop"/>.</summary>
    protected RpcEndpointRef Self => _self ?? throw new InvalidOperationException($"{GetType().Name} is not registered with an env yet.");

    /// <summary>
    /// The env that sent the message which <see cref="Receive"/> was given; null for one of this env itself, and outside of that call. An endpoint that awaits
    /// reads it before it does.
    /// </summary>
    protected static RpcPeer? Sender => _source?.Peer;

    /// <summary>Hands a message over together with where it came from.</summary>
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

    /// <summary>Binds the instance to its ref; called once by its env before <see cref="OnStart"/>.</summary>
    internal void Attach(RpcEndpointRef self)
    {
        if (_self is not null) throw new InvalidOperationException($"{GetType().Name} is already registered as {_self}: register a new instance.");
        _self = self;
    }

    /// <summary>Runs before the first message.</summary>
    public virtual void OnStart() { }

    /// <summary>Takes what was sent.</summary>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the message.</exception>
    public virtual void Receive(object message) => throw new UnhandledMessageException(_self!, message);

    /// <summary>Takes what was asked; the answer goes through <paramref name="call"/>, now or later.</summary>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the message.</exception>
    public virtual void ReceiveAndReply(object message, RpcCallContext call) => throw new UnhandledMessageException(_self!, message);

    /// <summary>
    /// A handler threw, or a task given to <see cref="PipeToSelf{T}(Task{T}, Func{T, object}, Func{Exception, object}?)"/> failed. An asker has been told
    /// already; what is left is to say how to go on.
    /// Unless overridden, the error is logged and the endpoint goes on. What it throws itself is logged, and the endpoint goes on.
    /// </summary>
    public virtual ErrorDirective OnError(Exception error)
    {
        Env.ReportHandlerError(Self, error);
        return ErrorDirective.Resume;
    }

    /// <summary>A peer has connected, or this env has connected to it. Every endpoint is told, of every peer.</summary>
    public virtual void OnConnected(RpcAddress remote) { }

    /// <summary>The connection with a peer has ended; told once for each connection that <see cref="OnConnected"/> told of. A peer that was dialled under
    /// another
    /// address than it advertises is told under both.</summary>
    public virtual void OnDisconnected(RpcAddress remote) { }

    /// <summary>A peer could not be reached, or what waited for it was dropped.</summary>
    public virtual void OnNetworkError(Exception error, RpcAddress remote) { }

    /// <summary>
    /// Runs after the last message; every message that arrived before the stop was handled. Also runs on an instance that a restart replaces.
    /// </summary>
    public virtual void OnStop() { }

    /// <summary>Stops this endpoint after the messages that are already in its inbox.</summary>
    protected void Stop() => Env.Stop(Self);

    /// <summary>
    /// Asks to be told, by an <see cref="EndpointTerminated"/> to <see cref="Receive"/>, when an endpoint here or elsewhere stops or its node is gone;
    /// at once if it is not there. Watching twice tells once. Ends when told, with <see cref="Unwatch"/>, or with this endpoint.
    /// </summary>
    protected void Watch(RpcEndpointRef endpoint) => Env.Watch(Self, endpoint);

    /// <summary>Takes a <see cref="Watch"/> back; an <see cref="EndpointTerminated"/> that is already in the inbox still comes.</summary>
    protected void Unwatch(RpcEndpointRef endpoint) => Env.Unwatch(Self, endpoint);

    /// <summary>
    /// Turns a task's outcome into a message to this endpoint. Both functions run on another thread than the handlers, so they must not touch the
    /// endpoint's fields. A failure, also one of <paramref name="onSuccess"/>, goes to <paramref name="onFailure"/>, or to <see cref="OnError"/> when there is
    /// none; what <paramref name="onFailure"/> throws goes to <see cref="OnError"/> as an <see cref="AggregateException"/> whose inner exception is the
    /// failure. A function that
    /// returns null has failed.
    /// </summary>
    /// <remarks>
    /// The message reaches the endpoint although it was restarted meanwhile, as every message does: a question may ride in it. An error reaches only the
    /// instance
    /// that gave the task; when that is gone the error is logged.
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

    /// <summary>Calls a function as if the handler did: what an <c>async void</c> method that it begins throws is an error of this endpoint.</summary>
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
                ?? throw new InvalidOperationException($"A function that {self.Name} gave to PipeToSelf made null of its task's result."));
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
                ?? throw new InvalidOperationException($"A function that {self.Name} gave to PipeToSelf made null of its task's failure."));
        }
        catch (Exception second)
        {
            self.Env.PostErrorOf(
                this, self, new AggregateException($"A task of {self.Name} failed, and so did the function that makes a message of it.", error, second));
        }
    }
}

/// <summary>Where a message came from.</summary>
internal interface IMessageSource
{
    /// <summary>The env that sent it.</summary>
    RpcPeer Peer { get; }
}
