using Akka.Actor;

namespace Sparkish.Akka.Actors;

/// <summary>Names of actors for names of endpoints: <c>/user/NAME</c>, escaped as in a URL.</summary>
internal static class ActorNames
{
    /// <summary>Starts an actor under a name; where another one has it, which may still be stopping, under <c>NAME~2</c> and so on.</summary>
    public static IActorRef Start(ActorSystem system, Props props, string name)
    {
        var escaped = Uri.EscapeDataString(name);
        for (var number = 1; ; number++)
        {
            try
            {
                return system.ActorOf(props, number == 1 ? escaped : $"{escaped}~{number}");
            }
            catch (InvalidActorNameException) when (number < int.MaxValue && ActorPath.IsValidPathElement(escaped))
            {
                // It is taken.
            }
        }
    }
}
