using System.Buffers.Binary;

namespace Sparkish.Akka.Channels;

// Connecting end to a gate

/// <summary>Sent by a channel's connecting end to a gate, again until it is answered; answered by <see cref="ChannelOpened"/>.</summary>
internal sealed class OpenChannel : ChannelMessage
{
    public static readonly OpenChannel Instance = new();
}

// Listening end to the connecting end

/// <summary>Sent by the new listening end, once for each <see cref="OpenChannel"/>; its sender is that end.</summary>
internal sealed class ChannelOpened : ChannelMessage
{
    public static readonly ChannelOpened Instance = new();
}

// Both ways

/// <summary>What one end of a channel sends the other. A byte has an offset, as in TCP; the end of all bytes takes one too.</summary>
internal abstract class ChannelMessage;

/// <summary>Bytes from an offset on; not answered each by itself.</summary>
internal sealed class ChannelData : ChannelMessage
{
    public const int HeaderBytes = sizeof(long);

    private ChannelData(byte[] frame) => Frame = frame;

    /// <summary>The offset, then the bytes: what crosses the wire as it is.</summary>
    public byte[] Frame { get; }

    public long Offset => BinaryPrimitives.ReadInt64LittleEndian(Frame);

    public int Length => Frame.Length - HeaderBytes;

    public ReadOnlyMemory<byte> Bytes => Frame.AsMemory(HeaderBytes);

    public static ChannelData Of(long offset, ReadOnlySpan<byte> bytes)
    {
        var frame = new byte[HeaderBytes + bytes.Length];
        BinaryPrimitives.WriteInt64LittleEndian(frame, offset);
        bytes.CopyTo(frame.AsSpan(HeaderBytes));
        return new ChannelData(frame);
    }

    /// <summary>Takes what came from the wire; null for what is no such frame.</summary>
    public static ChannelData? From(byte[] frame)
    {
        var isFrame = frame.Length is > HeaderBytes and <= HeaderBytes + AkkaChannel.ChunkBytes && BinaryPrimitives.ReadInt64LittleEndian(frame) >= 0;
        return isFrame ? new ChannelData(frame) : null;
    }
}

/// <summary>No byte follows; it takes the offset behind the last one.</summary>
internal sealed class ChannelEnd(long offset) : ChannelMessage
{
    public long Offset => offset;
}

/// <summary>Sent when room was made, when something is missing, and as the answer to <see cref="ChannelSync"/>.</summary>
/// <param name="received">All offsets below have come.</param>
/// <param name="limit">Offsets below may be sent.</param>
/// <param name="resend">Whether something was lost: what follows is to be sent again.</param>
internal sealed class ChannelAck(long received, long limit, bool resend) : ChannelMessage
{
    public long Received => received;

    public long Limit => limit;

    public bool Resend => resend;
}

/// <summary>Asks what has come, after a silence or when an association ended; answered by <see cref="ChannelAck"/>.</summary>
/// <param name="sent">All offsets below were sent.</param>
internal sealed class ChannelSync(long sent) : ChannelMessage
{
    public long Sent => sent;
}

/// <summary>Its sender takes nothing any more; what it sent before still counts. Not answered.</summary>
internal sealed class ChannelGone : ChannelMessage
{
    public static readonly ChannelGone Instance = new();
}
