namespace Sparkish.Simulation;

/// <summary>A piece of a connection.</summary>
internal sealed class Segment(SegmentKind kind, byte[]? bytes = null)
{
    public SegmentKind Kind => kind;

    public byte[] Bytes { get; } = bytes ?? [];

    /// <summary>Its arrival time unless it is delayed.</summary>
    public long ArrivesAt { get; set; }
}

/// <summary>The unit of transfer between two machines.</summary>
internal enum SegmentKind
{
    /// <summary>The wish to connect.</summary>
    Syn,

    /// <summary>The listening machine's answer: the connection is established.</summary>
    SynAck,

    /// <summary>Bytes.</summary>
    Data,

    /// <summary>The sender sends no more.</summary>
    Fin,

    /// <summary>The connection has ended, or no process listens.</summary>
    Reset,
}
