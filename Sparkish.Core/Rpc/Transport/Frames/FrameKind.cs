namespace Sparkish.Rpc.Transport.Frames;

/// <summary>
/// The kind of a frame on a message connection. Each frame: int32 length of the rest, one byte kind, then the fields below. A receiver is a number that a
/// Define frame assigned, or 0 and its name and incarnation.
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

    /// <summary>int64 id; address of the endpoint that does not exist.</summary>
    NotFound = 5,

    /// <summary>Number, name, int64 incarnation of a receiver.</summary>
    Define = 6,

    /// <summary>Empty: the sender is alive.</summary>
    Ping = 7,

    /// <summary>Number of a receiver, int64: total number of bytes that the peer may send to it since the connection was opened. Since version 3.</summary>
    Credit = 8,

    /// <summary>
    /// A trace context (16 bytes trace, 8 bytes span, 1 byte flags), then kind and content of a <see cref="Send"/> or <see cref="Ask"/>. Since version 3.
    /// </summary>
    Traced = 9,

    /// <summary>
    /// The id of a handshake (16 bytes) that claims the peer's address, to ask whether the peer makes it. Answered by a <see cref="ProbeAnswer"/>. Since
    /// version 4.
    /// </summary>
    Probe = 10,

    /// <summary>The same 16 bytes, one byte <see cref="ProbeResult"/>. Since version 4.</summary>
    ProbeAnswer = 11,
}
