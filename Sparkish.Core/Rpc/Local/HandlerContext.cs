namespace Sparkish.Rpc.Local;

/// <summary>
/// The synchronization context of the handlers of one instance and their continuations. It exists for <c>async void</c> methods: without it, their exceptions
/// would be thrown on the thread pool and terminate the process. Here they are passed to OnError of the instance. Continuations run on the pool, as without a
/// context.
/// </summary>
internal sealed class HandlerContext(Inbox inbox, RpcEndpoint instance) : SynchronizationContext
{
    /// <summary>Whether the calling thread runs a continuation of an <see cref="AsyncRpcEndpoint"/>, which handles nothing else meanwhile.</summary>
    public static bool IsAwaitedHandler => Current is HandlerContext { IsOfAsyncEndpoint: true };

    private bool IsOfAsyncEndpoint => instance is AsyncRpcEndpoint;

    /// <summary>This thread begins to run handlers of the instance.</summary>
    public void Enter() => SetSynchronizationContext(this);

    /// <summary>Called when this thread no longer runs a handler.</summary>
    public static void Leave() => SetSynchronizationContext(null);

    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.UnsafeQueueUserWorkItem(new PostedCall(this, d, state), preferLocal: true);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs posted work; an exception is the error of an <c>async void</c> method.</summary>
    public void Run(SendOrPostCallback call, object? state)
    {
        var previous = Current;
        SetSynchronizationContext(this);
        try
        {
            call(state);
        }
        catch (Exception error)
        {
            inbox.PostError(instance, error);
        }
        finally
        {
            SetSynchronizationContext(previous);
        }
    }
}

/// <summary>A continuation or an error on its way to a thread.</summary>
internal sealed class PostedCall(HandlerContext context, SendOrPostCallback call, object? state) : IThreadPoolWorkItem
{
    public void Execute() => context.Run(call, state);
}
