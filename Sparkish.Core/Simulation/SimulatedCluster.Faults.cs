namespace Sparkish.Simulation;

/// <content>Faults of the network; those of machines are <see cref="SimulatedNode"/>'s.</content>
public sealed partial class SimulatedCluster
{
    /// <summary>
    /// Cuts both directions between two nodes. Neither is notified: bytes in transit wait until <see cref="Heal(SimulatedNode, SimulatedNode)"/>, or until a
    /// side receives nothing for <c>spark.rpc.io.keepAliveTimeout</c>.
    /// </summary>
    public void Cut(SimulatedNode a, SimulatedNode b)
    {
        CutOneWay(a, b);
        CutOneWay(b, a);
    }

    /// <summary>Cuts the direction from one node to another; bytes of the other direction arrive.</summary>
    public void CutOneWay(SimulatedNode from, SimulatedNode to)
    {
        CheckThread();
        Network.Cut(from, to);
    }

    /// <summary>Cuts a group of nodes off from all others.</summary>
    public void Isolate(params IReadOnlyCollection<SimulatedNode> group)
    {
        foreach (var inside in group)
        {
            foreach (var outside in _nodes.Where(node => !group.Contains(node))) Cut(inside, outside);
        }
    }

    /// <summary>Heals cuts between two nodes; waiting bytes are delivered.</summary>
    public void Heal(SimulatedNode a, SimulatedNode b)
    {
        CheckThread();
        Network.Heal(a, b);
        Network.Heal(b, a);
    }

    /// <summary>Removes all cuts, delays and losses.</summary>
    public void HealAll()
    {
        foreach (var from in _nodes)
        {
            foreach (var to in _nodes.Where(to => to != from))
            {
                Heal(from, to);
                if (Network.IsDisturbed(from, to)) Disturb(from, to, TimeSpan.Zero, 0);
            }
        }
    }

    /// <summary>Whether one of the directions between two nodes is cut, or one of them is down.</summary>
    public bool IsCut(SimulatedNode a, SimulatedNode b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a.IsDown || b.IsDown || Network.IsCut(a, b) || Network.IsCut(b, a);
    }

    /// <summary>Makes the direction from one node to another slower, and lossy: TCP sends a lost packet again, late. Zeros reset it.</summary>
    public void Disturb(SimulatedNode from, SimulatedNode to, TimeSpan delay, double loss = 0)
    {
        CheckThread();
        Network.Disturb(from, to, delay, loss);
    }

    /// <summary>Ends the connections between two nodes, like a router that loses its state: both sides see a reset.</summary>
    public void ResetConnections(SimulatedNode a, SimulatedNode b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        CheckThread();
        Trace.Add(NowTicks, a.Name, "loses its connections with", b.Name);
        foreach (var end in (a.Process?.Ends ?? []).Where(end => end.Other.Node == b).ToList())
        {
            end.Outgoing.Lose(0);
            end.Other.Outgoing.Lose(0);
            end.Outgoing.Add(new Segment(SegmentKind.Reset));
            end.Other.Outgoing.Add(new Segment(SegmentKind.Reset));
        }
    }
}
