using Akka.Actor;
using Sparkish.Membership;

namespace Sparkish.Akka.Membership;

/// <summary>A membership by Akka.Cluster, which its env waits for when it stops.</summary>
internal interface IAkkaMembershipSession : IMembershipSession
{
    /// <summary>The actor system that is a node of the cluster; null after the end.</summary>
    ActorSystem? System { get; }

    /// <summary>Completes when nothing of it runs any more; only after it has begun to leave.</summary>
    Task EndedAsync();
}
