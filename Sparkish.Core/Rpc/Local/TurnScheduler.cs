namespace Sparkish.Rpc.Local;

/// <summary>Where the turns of inboxes and the continuations of asks run.</summary>
internal abstract class TurnScheduler
{
    /// <summary>How many messages one turn of an inbox handles before others may run.</summary>
    public abstract int MessagesPerTurn { get; }

    /// <summary>Whether who awaits a completion goes on within the call that completes it, or by itself.</summary>
    public abstract TaskCreationOptions Completions { get; }

    /// <summary>Runs a piece of work soon; <paramref name="preferLocal"/> if it follows from what the calling thread does right now.</summary>
    public abstract void Schedule(IThreadPoolWorkItem work, bool preferLocal);

    /// <summary>Whether handlers that may begin <c>async void</c> methods run under a <see cref="HandlerContext"/>.</summary>
    public virtual bool HasContext => true;

    /// <summary>Refuses a type of endpoints that this scheduler cannot run.</summary>
    public virtual void Check(Type endpoint) { }

    /// <summary>The scheduler for an endpoint that asks for a thread of its own.</summary>
    public virtual TurnScheduler Isolated(string name) => new DedicatedThread(name);

    /// <summary>The clock whose timers wake an endpoint of this scheduler.</summary>
    public virtual TimeProvider TimersOf(TimeProvider time) => time;

    /// <summary>Ends what belongs to one endpoint alone; called at the end of its last turn.</summary>
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
