namespace Sparkish.Rpc.Local;

/// <summary>
/// The synchronization context of the handlers of one instance, and of what they go on with after an <c>await</c>. It exists for <c>async void</c>, whose
/// exception would otherwise be thrown on the thread pool and end the process: here it goes to OnError of the instance. What is awaited goes on on the pool,
/// as it would without a context.
/// </summary>
internal sealed class HandlerContext(Inbox inbox, RpcEndpoint instance) : SynchronizationContext
{
    /// <summary>Whether the calling thread goes on with a handler of an <see cref="AsyncRpcEndpoint"/>, which handles nothing else meanwhile.</summary>
    public static bool IsAwaitedHandler => Current is HandlerContext { IsOfAsyncEndpoint: true };

    private bool IsOfAsyncEndpoint => instance is AsyncRpcEndpoint;

    /// <summary>This thread begins to run handlers of the instance.</summary>
    public void Enter() => SetSynchronizationContext(this);

    /// <summary>This thread runs no handler any more.</summary>
    public static void Leave() => SetSynchronizationContext(null);

    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.UnsafeQueueUserWorkItem(new PostedCall(this, d, state), preferLocal: true);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs what was posted; what it throws is the error of an <c>async void</c> method.</summary>
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
