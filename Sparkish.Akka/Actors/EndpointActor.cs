using Akka.Actor;

namespace Sparkish.Akka.Actors;

/// <summary>
/// The actor of an endpoint. It takes turns of the endpoint's inbox alone: Akka does not tell whether another message came from this process or off the
/// wire, so such a message is refused, and <see cref="EndpointActorRef"/> goes to the inbox itself.
/// </summary>
internal sealed class EndpointActor(EndpointTurns turns, string? threadName) : UntypedActor
{
    protected override void PreStart()
    {
        if (threadName is not null) Thread.CurrentThread.Name = threadName;
    }

    protected override void OnReceive(object message)
    {
        if (turns.TryTake(message)) ((IThreadPoolWorkItem)message).Execute();
        else turns.Refuse(message);
    }

    protected override void PostStop() => turns.ActorStopped();
}
