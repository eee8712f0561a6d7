using Akka.Actor;

namespace Sparkish.Akka.Actors;

/// <summary>Lives as long as an endpoint of another node, to be watched in its place. Messages do not go through it.</summary>
internal sealed class StandInActor : UntypedActor
{
    protected override void OnReceive(object message) => Unhandled(message);
}
