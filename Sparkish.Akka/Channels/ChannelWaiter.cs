namespace Sparkish.Akka.Channels;

/// <summary>The reader or the writer of a channel while it waits. Guarded by the channel's lock.</summary>
internal sealed class ChannelWaiter
{
    private TaskCompletionSource? _waiting;

    /// <summary>Whether it goes on within the call that completes what <see cref="Take"/> has returned.</summary>
    public bool GoesOnInline { get; set; }

    /// <summary>Completes when it is woken.</summary>
    public Task WhenWokenAsync() =>
        (_waiting ??= new TaskCompletionSource(GoesOnInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Returns what wakes it, to be completed outside of the lock; null if it does not wait.</summary>
    public TaskCompletionSource? Take()
    {
        var waiting = _waiting;
        _waiting = null;
        return waiting;
    }

    /// <summary>Wakes it on another thread, since the caller holds the lock.</summary>
    public void Wake()
    {
        if (Take() is not { } waiting) return;
        if (GoesOnInline) ThreadPool.UnsafeQueueUserWorkItem(static waiting => waiting.TrySetResult(), waiting, preferLocal: false);
        else waiting.TrySetResult();
    }
}
