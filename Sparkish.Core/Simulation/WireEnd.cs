namespace Sparkish.Simulation;

/// <summary>One side of a connection, as the kernel of its machine sees it.</summary>
internal sealed class WireEnd(SimulatedNode node, int port)
{
    public SimulatedNode Node => node;

    /// <summary>The port that was dialled.</summary>
    public int Port => port;

    /// <summary>The process at this end; null before the connection was accepted.</summary>
    public SimulatedProcess? Process { get; private set; }

    /// <summary>The channel that the process reads and writes at this end.</summary>
    public SimulatedChannel? Channel { get; private set; }

    public WireEnd Other { get; private set; } = null!;

    public WireDirection Outgoing { get; private set; } = null!;

    /// <summary>Whether nothing more is sent or received here.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Creates the two ends of a wire and the dialling side's channel.</summary>
    public static WireEnd Between(SimulatedProcess dialler, SimulatedNode host, int port)
    {
        var here = new WireEnd(dialler.Node, port);
        var there = new WireEnd(host, port);
        here.Join(there);
        there.Join(here);
        here.Open(dialler);
        return here;
    }

    /// <summary>Assigns this end to a process.</summary>
    public SimulatedChannel Open(SimulatedProcess process)
    {
        Process = process;
        process.Add(this);
        return Channel = new SimulatedChannel(this);
    }

    public void Send(Segment segment)
    {
        if (!IsClosed) Outgoing.Add(segment);
    }

    /// <summary>Sends the bytes in transit, then the end.</summary>
    public void Close() => Close(SegmentKind.Fin);

    /// <summary>Resets the connection, like a kernel that does not know it or has unread bytes.</summary>
    public void Reset(int kept = 0)
    {
        Outgoing.Lose(kept);
        Close(SegmentKind.Reset);
    }

    /// <summary>Called when the process was killed: its kernel ends the connection, and may discard some bytes in transit.</summary>
    public void Kill(Random random)
    {
        Outgoing.Lose(random.Next(2) == 0 ? Outgoing.Count : random.Next(Outgoing.Count + 1));
        Close(SegmentKind.Fin);
    }

    /// <summary>Called when the machine is lost: some bytes in transit arrive, then nothing.</summary>
    public void Vanish(Random random)
    {
        Outgoing.Lose(random.Next(Outgoing.Count + 1));
        IsClosed = true;
    }

    /// <summary>Called when the connection has ended at this end.</summary>
    public void Finish()
    {
        if (IsClosed) return;
        IsClosed = true;
        Process?.Remove(this);
    }

    private void Close(SegmentKind how)
    {
        if (IsClosed) return;
        Outgoing.Add(new Segment(how));
        Finish();
    }

    private void Join(WireEnd other)
    {
        Other = other;
        Outgoing = new WireDirection(node.Cluster, this, other);
    }
}
