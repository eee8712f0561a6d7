using System.Buffers.Binary;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport.Frames;

/// <summary>The thread's own buffer in which frames are built before they are copied to an outbox.</summary>
internal static class FrameBuffer
{
    private const int LengthBytes = sizeof(int);
    private const int KeptBytes = 1 << 20;

    [ThreadStatic]
    private static ByteWriter? _writer;

    /// <summary>Takes the thread's buffer; a codec that sends while it writes gets a new one.</summary>
    public static ByteWriter Begin(FrameKind kind)
    {
        var writer = _writer ?? new ByteWriter(1024);
        _writer = null;
        writer.Clear();
        writer.WriteUnmanaged(0);
        writer.WriteByte((byte)kind);
        return writer;
    }

    /// <summary>Returns the complete frame of a message; if only the trace context makes it too large, the context is omitted.</summary>
    /// <exception cref="SparkException">The frame is larger than peers accept.</exception>
    public static ReadOnlySpan<byte> FinishMessage(ByteWriter writer, int maxBytes, object message, RpcEndpointRef receiver)
    {
        var rest = writer.Length - LengthBytes - TraceContext.PrefixBytes;
        if (rest + TraceContext.PrefixBytes <= maxBytes || rest > maxBytes || (FrameKind)writer.WrittenSpan[LengthBytes] != FrameKind.Traced)
            return Finish(writer, maxBytes, message, receiver);
        writer.PatchInt32(TraceContext.PrefixBytes, rest); // over the end of the context: the kind of the message follows it
        return writer.WrittenSpan[TraceContext.PrefixBytes..];
    }

    /// <summary>The finished frame, its length filled in.</summary>
    /// <exception cref="SparkException">The frame is larger than peers accept.</exception>
    public static ReadOnlySpan<byte> Finish(ByteWriter writer, int maxBytes, object? message, RpcEndpointRef? receiver)
    {
        var length = writer.Length - LengthBytes;
        if (length > maxBytes)
        {
            throw new SparkException(
                $"A {message?.GetType().Name} of {length} bytes to {receiver?.ToString() ?? "an asker"} exceeds spark.rpc.message.maxSize ({maxBytes} bytes): send less, or raise the key on all nodes.");
        }

        writer.PatchInt32(0, length);
        return writer.WrittenSpan;
    }

    /// <summary>Returns the buffer to the thread, unless it has grown too large to keep.</summary>
    public static void End(ByteWriter writer)
    {
        if (writer.Length <= KeptBytes) _writer = writer;
    }

    /// <summary>Reads the length of a frame.</summary>
    public static int ReadLength(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);
}
