namespace Sparkish.Rpc.Transport.Frames;

/// <summary>
/// What a frame of a message connection is. All frames: int32 length of the rest, one byte kind, then what stands below. A receiver is a number that a
/// Define frame gave it, or 0 and its name and incarnation.
/// </summary>
internal enum FrameKind : byte
{
    /// <summary>Receiver, payload.</summary>
    Send = 1,

    /// <summary>int64 id, receiver, payload.</summary>
    Ask = 2,

    /// <summary>int64 id, payload.</summary>
    Reply = 3,

    /// <summary>int64 id; type, text and stack of the failure.</summary>
    Failure = 4,

    /// <summary>int64 id; address of the endpoint that is not there.</summary>
    NotFound = 5,

    /// <summary>Number, name, int64 incarnation of a receiver.</summary>
    Define = 6,

    /// <summary>Nothing: the sender lives.</summary>
    Ping = 7,

    /// <summary>Number of a receiver, int64: how many bytes the peer may send to it in all since the connection was made. From version 3 on.</summary>
    Credit = 8,

    /// <summary>
    /// The context of a span (16 bytes trace, 8 bytes span, 1 byte flags), then kind and content of a <see cref="Send"/> or <see cref="Ask"/>. From version 3
    /// on.
    /// </summary>
    Traced = 9,

    /// <summary>
    /// The id of a handshake (16 bytes), which names the peer's address: whether the peer makes it. Answered by a <see cref="ProbeAnswer"/>. From
    /// version 4 on.
    /// </summary>
    Probe = 10,

    /// <summary>The same 16 bytes, one byte <see cref="ProbeResult"/>. From version 4 on.</summary>
    ProbeAnswer = 11,
}
