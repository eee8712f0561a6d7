using System.Diagnostics;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport.Frames;

/// <summary>The context of a span as it crosses the wire: the binary form of the W3C's <c>traceparent</c>, without its version.</summary>
internal static class TraceContext
{
    /// <summary>The additional length of a message: the kind of the frame and the context.</summary>
    public const int PrefixBytes = 1 + TraceBytes + SpanBytes + 1;

    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    public static void Write(ByteWriter writer, in ActivityContext context)
    {
        Span<byte> bytes = stackalloc byte[TraceBytes + SpanBytes];
        context.TraceId.CopyTo(bytes[..TraceBytes]);
        context.SpanId.CopyTo(bytes[TraceBytes..]);
        writer.WriteUnmanaged(BitConverter.ToInt64(bytes));
        writer.WriteUnmanaged(BitConverter.ToInt64(bytes[8..]));
        writer.WriteUnmanaged(BitConverter.ToInt64(bytes[TraceBytes..]));
        writer.WriteByte((byte)context.TraceFlags);
    }

    public static ActivityContext Read(ref ByteReader reader)
    {
        Span<byte> bytes = stackalloc byte[TraceBytes + SpanBytes];
        BitConverter.TryWriteBytes(bytes, reader.ReadUnmanaged<long>());
        BitConverter.TryWriteBytes(bytes[8..], reader.ReadUnmanaged<long>());
        BitConverter.TryWriteBytes(bytes[TraceBytes..], reader.ReadUnmanaged<long>());
        var trace = ActivityTraceId.CreateFromBytes(bytes[..TraceBytes]);
        var span = ActivitySpanId.CreateFromBytes(bytes[TraceBytes..]);
        return new ActivityContext(trace, span, (ActivityTraceFlags)(reader.ReadByte() & 1), isRemote: true);
    }
}
