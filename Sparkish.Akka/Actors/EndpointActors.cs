using Akka.Actor;
using Sparkish.Rpc.Local;

namespace Sparkish.Akka.Actors;

/// <summary>Gives each endpoint of an env an actor that runs its turns. Thread-safe.</summary>
internal sealed class EndpointActors : TurnScheduler
{
    /// <summary>The dispatcher of isolated endpoints, by its name in the settings: a thread for each actor.</summary>
    public const string IsolatedDispatcher = "sparkish.isolated-dispatcher";

    private readonly Action<string, object> _refuse;
    private ActorSystem? _system;

    /// <param name="refuse">Reports a message that an endpoint's actor got by itself: the endpoint's name and the message.</param>
    public EndpointActors(Action<string, object> refuse) => _refuse = refuse;

    public override int MessagesPerTurn => PoolScheduler.Instance.MessagesPerTurn;

    public override TaskCreationOptions Completions => PoolScheduler.Instance.Completions;

    /// <summary>Where actors are made from now on; set before the first endpoint.</summary>
    public ActorSystem System
    {
        get => _system ?? throw new InvalidOperationException("The actor system has not started.");
        set => _system = value;
    }

    public override void Schedule(IThreadPoolWorkItem work, bool preferLocal) => PoolScheduler.Instance.Schedule(work, preferLocal);

    public override TurnScheduler For(string name, bool isIsolated)
    {
        // An actor system of others need not have the dispatcher: then the thread is ours, and the actor is the endpoint's face alone.
        var isPinned = isIsolated && System.Dispatchers.HasDispatcher(IsolatedDispatcher);
        var turns = new EndpointTurns(name, isIsolated && !isPinned ? base.For(name, isIsolated) : null, message => _refuse(name, message));
        var props = Props.Create(() => new EndpointActor(turns, isPinned ? $"dispatcher-{name}" : null));
        turns.Start(ActorNames.Start(System, isPinned ? props.WithDispatcher(IsolatedDispatcher) : props, name));
        return turns;
    }
}
