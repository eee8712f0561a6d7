namespace Sparkish.Simulation;

/// <summary>
/// One direction of a connection, with TCP's guarantees: bytes arrive in order. They are late if the network is slow or loses packets, and wait if the link is
/// cut, until it is healed, or if the receiver reads nothing.
/// </summary>
internal sealed class WireDirection(SimulatedCluster cluster, WireEnd from, WireEnd to)
{
    private readonly Queue<Segment> _segments = new();
    private long _lastArrival;
    private ActionEvent? _next;
    private bool _isBlocked;

    /// <summary>Number of segments in transit.</summary>
    public int Count => _segments.Count;

    /// <summary>Number of bytes in transit.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether bytes have reached the receiver's machine that its process has not read.</summary>
    public bool HasUnread => _isBlocked && _segments.TryPeek(out var next) && next.Kind == SegmentKind.Data && next.ArrivesAt <= cluster.NowTicks;

    public void Add(Segment segment)
    {
        _lastArrival = Math.Max(_lastArrival, cluster.NowTicks + cluster.Network.Latency(from.Node, to.Node));
        segment.ArrivesAt = _lastArrival;
        _segments.Enqueue(segment);
        Bytes += segment.Bytes.Length;
        Plan();
    }

    /// <summary>Keeps only the first few segments.</summary>
    public void Lose(int kept)
    {
        var left = _segments.Take(kept).ToList();
        _segments.Clear();
        Bytes = 0;
        foreach (var segment in left)
        {
            _segments.Enqueue(segment);
            Bytes += segment.Bytes.Length;
        }
    }

    /// <summary>Called when the receiver stops reading.</summary>
    public void Block() => _isBlocked = true;

    /// <summary>Called when the receiver reads again.</summary>
    public void Unblock()
    {
        if (!_isBlocked) return;
        _isBlocked = false;
        Plan();
    }

    /// <summary>Called when the link works again: kept segments are sent again.</summary>
    public void Retransmit()
    {
        if (_next is not null || _segments.Count == 0) return;
        _lastArrival = Math.Max(_lastArrival, cluster.NowTicks + cluster.Network.Latency(from.Node, to.Node));
        _segments.Peek().ArrivesAt = cluster.NowTicks + cluster.Network.Latency(from.Node, to.Node);
        Plan();
    }

    private void Plan()
    {
        if (_next is not null || _isBlocked || _segments.Count == 0 || cluster.Network.IsStalled(this)) return;
        _next = new ActionEvent(null, Arrive);
        cluster.Plan(_next, Math.Max(cluster.NowTicks, _segments.Peek().ArrivesAt));
    }

    private void Arrive()
    {
        var arrival = _next!;
        _next = null;
        if (_segments.Count == 0 || _isBlocked) return;
        if (cluster.Network.IsCut(from.Node, to.Node)) cluster.Network.Stall(from.Node, to.Node, this);
        else if (to.Node.IsDown) Lose(0);
        else if (_segments.Peek().Kind != SegmentKind.Syn && to.Process is { IsPaused: true }) Wait(arrival); // the kernel itself answers a connecting peer
        else Take();
    }

    private void Wait(ActionEvent arrival)
    {
        _next = arrival;
        to.Process!.Hold(arrival);
    }

    private void Take()
    {
        var segment = _segments.Dequeue();
        Bytes -= segment.Bytes.Length;
        cluster.Trace.Add(cluster.NowTicks, to.Node.Name, Words(segment.Kind), from.Node.Name, segment.Kind == SegmentKind.Data
            ? $"({segment.Bytes.Length})"
            : null);
        if (to.IsClosed)
        {
            Lose(0);
            if (segment.Kind is not (SegmentKind.Fin or SegmentKind.Reset)) Refuse();
            return;
        }

        if (segment.Kind == SegmentKind.Syn) Connect();
        else to.Channel?.Arrive(segment);
        from.Channel?.OnRoom();
        Plan();
    }

    /// <summary>The kernel of the listening machine answers, regardless of its process.</summary>
    private void Connect()
    {
        if (to.Node.ListenerAt(to.Port) is { } listener) listener.Offer(to);
        else to.Reset();
        if (to.Channel is null) Block(); // until the process accepts the connection and reads
    }

    /// <summary>No process is left: the kernel reports that.</summary>
    private void Refuse()
    {
        to.Outgoing.Lose(0);
        to.Outgoing.Add(new Segment(SegmentKind.Reset));
    }

    private static string Words(SegmentKind kind) => kind switch
    {
        SegmentKind.Syn => "is dialled by",
        SegmentKind.SynAck => "is connected with",
        SegmentKind.Data => "takes bytes of",
        SegmentKind.Fin => "sees the end of",
        _ => "is reset by",
    };
}
