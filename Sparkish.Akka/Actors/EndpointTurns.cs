using Akka.Actor;
using Sparkish.Rpc.Local;

namespace Sparkish.Akka.Actors;

/// <summary>
/// The turns of one endpoint on its actor. The inbox, its order and its supervision are the framework's own; the actor is what runs them. Safe for all
/// threads.
/// </summary>
/// <param name="name">The endpoint's name.</param>
/// <param name="thread">Runs the turns instead of the actor; null where the actor does.</param>
/// <param name="refuse">Reports a message that the actor got by itself.</param>
internal sealed class EndpointTurns(string name, TurnScheduler? thread, Action<object> refuse) : TurnScheduler
{
    private readonly Lock _lock = new();
    private IActorRef _actor = ActorRefs.Nobody;
    private IThreadPoolWorkItem? _due;
    private bool _isReleased;

    public override int MessagesPerTurn => thread?.MessagesPerTurn ?? PoolScheduler.Instance.MessagesPerTurn;

    public override TaskCreationOptions Completions => PoolScheduler.Instance.Completions;

    /// <summary>The actor of the endpoint.</summary>
    public IActorRef Actor => _actor;

    public void Start(IActorRef actor) => _actor = actor;

    public override TimeProvider TimersOf(TimeProvider time) => thread?.TimersOf(time) ?? time;

    public override void Schedule(IThreadPoolWorkItem work, bool preferLocal)
    {
        if (thread is not null)
        {
            thread.Schedule(work, preferLocal);
            return;
        }

        if (work is not HandlerRun)
        {
            lock (_lock)
            {
                if (!_isReleased)
                {
                    _due = work;
                    _actor.Tell(work, ActorRefs.NoSender);
                    return;
                }
            }
        }

        // Handlers that run beside each other, and what raced with the end of the endpoint.
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal);
    }

    public override void Release()
    {
        thread?.Release();
        lock (_lock)
        {
            _isReleased = true;
            _actor.Tell(PoisonPill.Instance, ActorRefs.NoSender);
        }
    }

    /// <summary>Takes the turn that a message stands for; false for a message of anybody else.</summary>
    public bool TryTake(object message)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_due, message)) return false;
            _due = null;
            return true;
        }
    }

    /// <summary>Reports a message that the actor got by itself.</summary>
    public void Refuse(object message) => refuse(message);

    /// <summary>The actor has stopped. If the endpoint has not, since its actor system was ended by others, it goes on with the thread pool.</summary>
    public void ActorStopped()
    {
        IThreadPoolWorkItem? due;
        lock (_lock)
        {
            _isReleased = true;
            due = _due;
            _due = null;
        }

        if (due is not null) ThreadPool.UnsafeQueueUserWorkItem(due, preferLocal: false);
    }

    public override string ToString() => name;
}
