namespace Sparkish.Rpc.Local;

/// <summary>Runs the turns of inboxes and the continuations of asks.</summary>
internal abstract class TurnScheduler
{
    /// <summary>Maximum number of messages that one turn of an inbox handles.</summary>
    public abstract int MessagesPerTurn { get; }

    /// <summary>Whether a continuation runs within the call that completes it, or asynchronously.</summary>
    public abstract TaskCreationOptions Completions { get; }

    /// <summary>Runs a work item soon; <paramref name="preferLocal"/> if it results from the calling thread's current work.</summary>
    public abstract void Schedule(IThreadPoolWorkItem work, bool preferLocal);

    /// <summary>Whether handlers that may start <c>async void</c> methods run under a <see cref="HandlerContext"/>.</summary>
    public virtual bool HasContext => true;

    /// <summary>Refuses a type of endpoints that this scheduler cannot run.</summary>
    public virtual void Check(Type endpoint) { }

    /// <summary>The scheduler for one endpoint.</summary>
    /// <param name="name">The endpoint's name.</param>
    /// <param name="isIsolated">Whether it requests its own thread.</param>
    public virtual TurnScheduler For(string name, bool isIsolated) => isIsolated ? new DedicatedThread(name) : this;

    /// <summary>The clock whose timers wake an endpoint of this scheduler.</summary>
    public virtual TimeProvider TimersOf(TimeProvider time) => time;

    /// <summary>Releases the resources of one endpoint; called at the end of its last turn.</summary>
    public virtual void Release() { }
}

/// <summary>Runs turns on the thread pool.</summary>
internal sealed class PoolScheduler : TurnScheduler
{
    public static PoolScheduler Instance { get; } = new();

    public override int MessagesPerTurn => 128;

    public override TaskCreationOptions Completions => TaskCreationOptions.RunContinuationsAsynchronously;

    public override void Schedule(IThreadPoolWorkItem work, bool preferLocal)
    {
        if (!preferLocal || !WorkBatch.TryAdd(work)) ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal);
    }
}
