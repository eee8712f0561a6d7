namespace Sparkish.Simulation;

/// <summary>A piece of a connection.</summary>
internal sealed class Segment(SegmentKind kind, byte[]? bytes = null)
{
    public SegmentKind Kind => kind;

    public byte[] Bytes { get; } = bytes ?? [];

    /// <summary>When it arrives if nothing stands in its way.</summary>
    public long ArrivesAt { get; set; }
}

/// <summary>What travels between two machines as one.</summary>
internal enum SegmentKind
{
    /// <summary>The wish to connect.</summary>
    Syn,

    /// <summary>The listening machine's answer: the connection stands.</summary>
    SynAck,

    /// <summary>Bytes.</summary>
    Data,

    /// <summary>The sender sends no more.</summary>
    Fin,

    /// <summary>The connection is no more, or nobody listens.</summary>
    Reset,
}
