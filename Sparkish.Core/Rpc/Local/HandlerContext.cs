using Sparkish.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// The synchronization context of handlers. It exists for <c>async void</c>, whose exception would otherwise be thrown on the thread pool and end the
/// process: here it goes to OnError of the endpoint whose handler began it. What is awaited goes on on the pool, as it would without a context. Each thread has
/// one context for all its turns, until an <c>async void</c> method keeps it.
/// </summary>
internal sealed class HandlerContext : SynchronizationContext
{
    [ThreadStatic]
    private static HandlerContext? _ofThread;

    private Inbox? _inbox;
    private RpcEndpoint? _instance;
    private bool _isKept;

    private HandlerContext() { }

    /// <summary>This thread begins to run handlers of an inbox, or of another instance behind it.</summary>
    public static void Enter(Inbox inbox)
    {
        if (_ofThread is not { _isKept: false } context) _ofThread = context = new HandlerContext();
        context._inbox = inbox;
        SetSynchronizationContext(context);
    }

    /// <summary>This thread runs no handler any more; it outlives envs, so it must not keep one.</summary>
    public static void Leave()
    {
        SetSynchronizationContext(null);
        if (_ofThread is { _isKept: true }) _ofThread = null;
        else if (_ofThread is { } context) context._inbox = null;
    }

    /// <summary>An <c>async void</c> method begins: from now on this context is that instance's alone.</summary>
    public override void OperationStarted()
    {
        if (_isKept || _inbox is not { } inbox) return;
        _instance = inbox.Instance;
        _isKept = true;
    }

    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.UnsafeQueueUserWorkItem(new PostedCall(this, d, state), preferLocal: true);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs what was posted; what it throws is the error of an <c>async void</c> method.</summary>
    public void Run(SendOrPostCallback call, object? state)
    {
        var previous = Current;
        SetSynchronizationContext(_isKept ? this : null);
        try
        {
            call(state);
        }
        catch (Exception error)
        {
            if (_instance is { } instance) _inbox!.PostError(instance, error);
            else LastResort.Write("A call that was posted to the context of a handler failed.", error);
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
