#pragma warning disable MA0048 // a wire, its ends and what goes over it stand together
using Sparkish.Rpc.Transport;

namespace Sparkish.Simulation;

/// <summary>What travels between two machines as one.</summary>
internal enum SegmentKind
{
    Hello,
    Challenge,
    Commit,
    Welcome,
    Duplicate,
    Refused,
    Data,
    Fin,
    Reset,
}

/// <summary>A piece of a connection: a step of the handshake, a frame, or the end.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Bytes">The frame, or the words of a refusal.</param>
/// <param name="Hashed">How many of the bytes are the same in every run; a stack trace at the end of a failure is not.</param>
/// <param name="What">What the frame carries, for people.</param>
/// <param name="Receiver">Whom it is for.</param>
internal sealed record Segment(SegmentKind Kind, byte[] Bytes, int Hashed, string? What = null, string? Receiver = null)
{
    public static Segment Of(SegmentKind kind) => new(kind, [], 0);

    public static Segment Refusal(string reason)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(reason);
        return new Segment(SegmentKind.Refused, bytes, bytes.Length, reason);
    }

    /// <summary>When it arrives if nothing stands in its way.</summary>
    public long ArrivesAt { get; set; }
}

/// <summary>One side of a connection.</summary>
internal sealed class WireEnd(SimulatedNode node)
{
    public SimulatedNode Node => node;

    /// <summary>The process at this end; none yet where a connection is on its way to.</summary>
    public SimulatedProcess? Process { get; private set; }

    /// <summary>The env at this end.</summary>
    public SimulatedRpcEnv? Env { get; private set; }

    public SimulatedConnection? Connection { get; set; }

    /// <summary>Who speaks at this end.</summary>
    public Hello? Hello { get; private set; }

    public WireEnd Other { get; private set; } = null!;

    public WireDirection Outgoing { get; private set; } = null!;

    /// <summary>Which event of the simulation brought the peer's hello.</summary>
    public long GreetedAt { get; set; }

    /// <summary>Whether nothing more is sent or taken here.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Makes the two ends of a wire.</summary>
    public static WireEnd Between(SimulatedRpcEnv dialler, SimulatedNode host)
    {
        var here = new WireEnd(dialler.Process.Node);
        var there = new WireEnd(host);
        here.Join(there);
        there.Join(here);
        here.Take(dialler);
        return here;
    }

    /// <summary>The env that speaks at this end.</summary>
    public void Take(SimulatedRpcEnv env)
    {
        Env = env;
        Process = env.Process;
        Hello = env.Hello;
        Process.Add(this);
    }

    public void Send(Segment segment)
    {
        if (!IsClosed) Outgoing.Add(segment);
    }

    /// <summary>Sends what is under way, then the end.</summary>
    public void Close() => Close(SegmentKind.Fin);

    /// <summary>Ends the connection as a kernel does that knows nothing of it.</summary>
    public void Reset()
    {
        Outgoing.Lose(0);
        Close(SegmentKind.Reset);
    }

    /// <summary>The process was killed: its kernel ends the connection, and may throw away some of what was under way.</summary>
    public void Kill(Random random)
    {
        Outgoing.Lose(random.Next(2) == 0 ? Outgoing.Count : random.Next(Outgoing.Count + 1));
        Close(SegmentKind.Fin);
    }

    /// <summary>The machine is gone: some of what was under way arrives, then nothing.</summary>
    public void Vanish(Random random)
    {
        Outgoing.Lose(random.Next(Outgoing.Count + 1));
        IsClosed = true;
    }

    /// <summary>Ends this side after the other one has ended.</summary>
    public void Finish()
    {
        if (IsClosed) return;
        IsClosed = true;
        Process?.Remove(this);
    }

    private void Close(SegmentKind how)
    {
        if (IsClosed) return;
        Outgoing.Add(Segment.Of(how));
        Finish();
    }

    private void Join(WireEnd other)
    {
        Other = other;
        Outgoing = new WireDirection(node.Cluster, this, other);
    }
}

/// <summary>
/// One direction of a connection, as TCP gives it: what is sent arrives in order, late where the network is slow or loses packets, and waits where the
/// link is cut, until it is healed.
/// </summary>
internal sealed class WireDirection(SimulatedCluster cluster, WireEnd from, WireEnd to)
{
    private readonly Queue<Segment> _segments = new();
    private long _lastArrival;
    private ActionEvent? _next;
    private bool _isBlocked;

    /// <summary>How many segments are under way.</summary>
    public int Count => _segments.Count;

    /// <summary>How many bytes are under way.</summary>
    public long Bytes { get; private set; }

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

    /// <summary>The receiver takes nothing, until it says otherwise.</summary>
    public void Block() => _isBlocked = true;

    /// <summary>The receiver takes more.</summary>
    public void Unblock()
    {
        if (!_isBlocked) return;
        _isBlocked = false;
        Plan();
    }

    /// <summary>The link works again: what was kept back is sent again.</summary>
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
        if (_segments.Count == 0) return;
        if (cluster.Network.IsCut(from.Node, to.Node)) cluster.Network.Stall(from.Node, to.Node, this);
        else if (to.Node.IsDown) Lose(0);
        else if (to.Process is { IsPaused: true } || (to.Process is null && to.Node.IsPaused)) Wait(arrival);
        else Take();
    }

    private void Wait(ActionEvent arrival)
    {
        _next = arrival;
        (to.Process ?? to.Node.Process!).Hold(arrival);
    }

    private void Take()
    {
        var segment = _segments.Dequeue();
        Bytes -= segment.Bytes.Length;
        cluster.Trace.Add(cluster.NowTicks, to.Node.Name, Words(segment.Kind), from.Node.Name, segment.What is null ? null : $"{segment.What} for {segment.Receiver}",
            SimulationTrace.HashOf(segment.Bytes.AsSpan(0, segment.Hashed)));
        if (to.IsClosed)
        {
            Lose(0);
            if (segment.Kind is not (SegmentKind.Fin or SegmentKind.Reset)) Refuse();
            return;
        }

        SimulatedHandshake.Take(to, segment);
        Plan();
    }

    /// <summary>Nobody is there any more: the kernel says so.</summary>
    private void Refuse()
    {
        to.Outgoing.Lose(0);
        to.Outgoing.Add(Segment.Of(SegmentKind.Reset));
    }

    private static string Words(SegmentKind kind) => kind switch
    {
        SegmentKind.Hello => "is dialled by",
        SegmentKind.Challenge => "is challenged by",
        SegmentKind.Commit => "gets the proof of",
        SegmentKind.Welcome => "is welcomed by",
        SegmentKind.Duplicate => "is to wait for",
        SegmentKind.Refused => "is refused by",
        SegmentKind.Data => "hears from",
        SegmentKind.Fin => "sees the end of",
        _ => "is reset by",
    };
}
