namespace Sparkish.Rpc;

/// <summary>
/// An actor: <see cref="OnStart"/>, then messages one at a time, then <see cref="OnStop"/>; never two handlers at once, with a happens-before
/// between them. Handlers do not block and do not await; slow work comes back as a message (<see cref="PipeToSelf{T}"/>).
/// </summary>
public abstract class RpcEndpoint
{
    private RpcEnv? _env;
    private RpcEndpointRef? _self;

    /// <summary>The env this endpoint lives in; set before <see cref="OnStart"/>.</summary>
    protected RpcEnv Env => _env ?? throw new InvalidOperationException($"{GetType().Name} is not registered with an env yet.");

    /// <summary>The ref of this endpoint; set before <see cref="OnStart"/> and valid through <see cref="OnStop"/>.</summary>
    protected RpcEndpointRef Self => _self ?? throw new InvalidOperationException($"{GetType().Name} is not registered with an env yet.");

    internal void Attach(RpcEnv env, RpcEndpointRef self)
    {
        if (_env is not null) throw new InvalidOperationException($"{GetType().Name} is already registered as {_self}.");
        _env = env;
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

    /// <summary>A handler threw. An asker has been told already; what is left is to log it. The endpoint goes on with its next message.</summary>
    public virtual void OnError(Exception error) => Env.ReportHandlerError(Self, error);

    /// <summary>A peer has connected, or this env has connected to it.</summary>
    public virtual void OnConnected(RpcAddress remote) { }

    /// <summary>The connection with a peer has ended; told once for each connection that <see cref="OnConnected"/> told of. A peer that was dialled under another
    /// address than it advertises is told under both.</summary>
    public virtual void OnDisconnected(RpcAddress remote) { }

    /// <summary>A peer could not be reached, or what waited for it was dropped.</summary>
    public virtual void OnNetworkError(Exception error, RpcAddress remote) { }

    /// <summary>Runs after the last message; every message that arrived before the stop was handled.</summary>
    public virtual void OnStop() { }

    /// <summary>Stops this endpoint after the messages that are already in its inbox.</summary>
    protected void Stop() => Env.Stop(Self);

    /// <summary>Turns a task's outcome into a message to this endpoint. A failure goes to <paramref name="onFailure"/>, or to <see cref="OnError"/> when there is none.</summary>
    protected void PipeToSelf<T>(Task<T> work, Func<T, object> onSuccess, Func<Exception, object>? onFailure = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        _ = DeliverAsync(Self);

        async Task DeliverAsync(RpcEndpointRef self)
        {
            try
            {
                self.Send(onSuccess(await work.ConfigureAwait(false)));
            }
            catch (Exception error)
            {
                if (onFailure is not null) self.Send(onFailure(error));
                else Env.ReportHandlerError(self, error);
            }
        }
    }
}
