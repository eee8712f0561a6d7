using Sparkish.Membership;
using Sparkish.Rpc;
using UniqueAddress = Akka.Cluster.UniqueAddress;

namespace Sparkish.Akka.Membership;

/// <summary>
/// The other nodes of a cluster as one node sees them: what the cluster says of each, and what each says of its env, make the changes to report. Each method
/// returns these. Not safe for threads.
/// </summary>
/// <param name="self">The env of this node.</param>
/// <param name="missing">Members of the cluster before, which this node was removed from; each is reported as up, or by <see cref="GiveUp"/>.</param>
internal sealed class ClusterPeers(Member self, IEnumerable<Member> missing)
{
    private readonly Dictionary<UniqueAddress, ClusterPeer> _peers = [];
    private readonly Dictionary<RpcAddress, Member> _missing = missing.ToDictionary(static member => member.Address);

    /// <summary>The nodes with what is known of each.</summary>
    public IReadOnlyDictionary<UniqueAddress, ClusterPeer> All => _peers;

    /// <summary>The members that subscribers know, but for this node.</summary>
    public IReadOnlyList<Member> Members =>
    [
        .. _peers.Values.Where(static peer => peer.IsVisible).Select(static peer => peer.Member!).Concat(_missing.Values)
            .DistinctBy(static member => member.Address),
    ];

    /// <summary>A node is part of the cluster, but not up yet.</summary>
    public IReadOnlyList<MemberEvent> Joined(UniqueAddress node)
    {
        _peers.TryAdd(node, new ClusterPeer(node));
        return [];
    }

    /// <summary>A node is up.</summary>
    public IReadOnlyList<MemberEvent> Up(UniqueAddress node)
    {
        Joined(node);
        var peer = _peers[node];
        if (peer.IsUp) return [];
        peer.IsUp = true;
        return Show(peer);
    }

    /// <summary>A node misses heartbeats.</summary>
    public IReadOnlyList<MemberEvent> Unreachable(UniqueAddress node)
    {
        Joined(node);
        var peer = _peers[node];
        peer.IsReachable = false;
        return peer.IsVisible ? [Suspected(peer)] : [];
    }

    /// <summary>A node answers again.</summary>
    public IReadOnlyList<MemberEvent> Reachable(UniqueAddress node)
    {
        if (!_peers.TryGetValue(node, out var peer)) return [];
        peer.IsReachable = true;
        return peer.IsVisible ? [new MemberUp(peer.Member!)] : [];
    }

    /// <summary>A node says what its env is. Only news of a node that the cluster knows is taken.</summary>
    /// <param name="node">The node.</param>
    /// <param name="sequence">The number of the introduction: a later one counts.</param>
    /// <param name="member">The env.</param>
    public IReadOnlyList<MemberEvent> Introduced(UniqueAddress node, long sequence, Member member)
    {
        if (!_peers.TryGetValue(node, out var peer) || sequence <= peer.Sequence) return [];
        (peer.Sequence, peer.Member) = (sequence, member);
        return Show(peer);
    }

    /// <summary>The env of a node has left; the node itself may stay in the cluster.</summary>
    public IReadOnlyList<MemberEvent> SaidFarewell(UniqueAddress node, long sequence)
    {
        if (!_peers.TryGetValue(node, out var peer) || sequence <= peer.Sequence) return [];
        peer.Sequence = sequence;
        return Hide(peer, static member => new MemberLeft(member));
    }

    /// <summary>A node leaves the cluster in good order.</summary>
    public IReadOnlyList<MemberEvent> Exited(UniqueAddress node) => End(node, static member => new MemberLeft(member));

    /// <summary>The cluster gives a node up.</summary>
    public IReadOnlyList<MemberEvent> Downed(UniqueAddress node) => End(node, member => new MemberDown(member, $"Akka.Cluster downed {node.Address}"));

    /// <summary>A node is no longer part of the cluster.</summary>
    /// <param name="node">The node.</param>
    /// <param name="wasDown">Whether the cluster had given it up.</param>
    public IReadOnlyList<MemberEvent> Removed(UniqueAddress node, bool wasDown)
    {
        var changes = wasDown ? Downed(node) : Exited(node);
        _peers.Remove(node);
        return changes;
    }

    /// <summary>The members of the cluster before have had their time to come up in this one.</summary>
    public IReadOnlyList<MemberEvent> GiveUp()
    {
        const string Reason = "it was not found again after this node was removed from the cluster";
        MemberEvent[] changes = [.. _missing.Values.Select(static member => new MemberDown(member, Reason))];
        _missing.Clear();
        return changes;
    }

    private IReadOnlyList<MemberEvent> Show(ClusterPeer peer)
    {
        if (!peer.IsVisible) return [];
        var member = peer.Member!;

        // A node that the cluster has removed is there twice for a while: the end of the first must not be taken for that of the second.
        foreach (var other in _peers.Values)
        {
            if (other != peer && other.Member?.Address == member.Address) other.Member = null;
        }

        _missing.Remove(member.Address);
        return peer.IsReachable ? [new MemberUp(member)] : [new MemberUp(member), Suspected(peer)];
    }

    private MemberEvent[] End(UniqueAddress node, Func<Member, MemberEvent> change)
    {
        if (!_peers.TryGetValue(node, out var peer)) return [];
        var changes = Hide(peer, change);
        peer.IsUp = false; // for good: what it still says of itself comes too late
        return changes;
    }

    private static MemberEvent[] Hide(ClusterPeer peer, Func<Member, MemberEvent> change)
    {
        MemberEvent[] changes = peer.IsVisible ? [change(peer.Member!)] : [];
        peer.Member = null;
        return changes;
    }

    private MemberSuspected Suspected(ClusterPeer peer) => new(peer.Member!, self.Address, $"Akka.Cluster misses heartbeats of {peer.Node.Address}");
}
