namespace Sparkish.Rpc.Transport;

/// <summary>
/// What a frame of a message connection is. All frames: int32 length of the rest, one byte kind, then
/// Send: receiver, payload. Ask: int64 id, receiver, payload. Reply: int64 id, payload.
/// Failure: int64 id, type, text, stack. NotFound: int64 id.
/// </summary>
internal enum FrameKind : byte
{
    Send = 1,
    Ask = 2,
    Reply = 3,
    Failure = 4,
    NotFound = 5,
}
