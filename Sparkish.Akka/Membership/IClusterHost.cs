using Akka.Actor;

namespace Sparkish.Akka.Membership;

/// <summary>What membership by Akka.Cluster needs of an env that runs on an actor system.</summary>
internal interface IClusterHost
{
    /// <summary>Whether the env has started its actor system, and ends it.</summary>
    bool OwnsSystem { get; }

    /// <summary>The actor system that the env runs on.</summary>
    ActorSystem System { get; }

    /// <summary>Tells peers where the actor system is that the env has for its cluster.</summary>
    ClusterAddress ClusterAddress { get; }

    /// <summary>Starts an actor system for a cluster, beside the env's own.</summary>
    /// <exception cref="SparkException">It cannot listen, or may not.</exception>
    ActorSystem StartClusterSystem(IReadOnlyList<string> roles);

    /// <summary>Waits for a membership when the env stops.</summary>
    void Attach(IAkkaMembershipSession membership);
}
