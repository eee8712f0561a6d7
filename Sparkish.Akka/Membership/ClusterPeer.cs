using Sparkish.Membership;
using UniqueAddress = Akka.Cluster.UniqueAddress;

namespace Sparkish.Akka.Membership;

/// <summary>Another node of the cluster, and what it has told of its env.</summary>
internal sealed class ClusterPeer(UniqueAddress node)
{
    /// <summary>Its actor system, in the life that it has now.</summary>
    public UniqueAddress Node => node;

    /// <summary>Whether the cluster has it as a member that is up.</summary>
    public bool IsUp { get; set; }

    /// <summary>Whether no node of the cluster misses its heartbeats.</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>Its env as a member; null until it is introduced, and after it has left.</summary>
    public Member? Member { get; set; }

    /// <summary>The number of the last introduction or farewell that was taken from it.</summary>
    public long Sequence { get; set; } = -1;

    /// <summary>The number of the last introduction or farewell of this node that it has confirmed.</summary>
    public long Confirmed { get; set; } = -1;

    /// <summary>Whether subscribers know it.</summary>
    public bool IsVisible => IsUp && Member is not null;
}
