using Sparkish.Serialization.Messages;

namespace Sparkish.Benchmarks.Rpc.Nodes;

/// <summary>The messages of the benchmarks that cross the wire.</summary>
internal static class BenchMessages
{
    public static MessageRegistry Registry => new MessageRegistry().Add<Payload>(100).Add<CountSoFar>(101);
}

// Client to server

/// <summary>Sent, or asked and echoed; what is measured. As Spark's benchmark has it, a number and bytes.</summary>
internal sealed record Payload(long Sequence, byte[] Body)
{
    /// <summary>A payload of a number of bytes, the number included.</summary>
    public static Payload OfBytes(int bytes) => new(0, new byte[bytes - sizeof(long)]);
}

/// <summary>Asked of the counting endpoint behind messages; answered by the number of messages that it has handled since its start.</summary>
internal sealed record CountSoFar
{
    public static CountSoFar Instance { get; } = new();
}
