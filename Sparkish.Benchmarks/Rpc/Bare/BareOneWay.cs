using System.Buffers.Binary;
using System.Diagnostics;

namespace Sparkish.Benchmarks.Rpc.Bare;

/// <summary>One-way records over a bare connection, as many as fit into each write of 64 KiB.</summary>
internal static class BareOneWay
{
    /// <summary>Records a second, counted by the receiver.</summary>
    public static async Task<double[]> MeasureAsync(BarePeer peer, int payloadBytes, TimeSpan duration)
    {
        await using var stream = await peer.ConnectAsync(BareMode.Count);
        var (buffer, payload, sent) = (new byte[BareRecords.BufferBytes], new byte[payloadBytes], 0L);

        var start = Stopwatch.GetTimestamp();
        do
        {
            var written = 0;
            while (buffer.Length - written >= BareRecords.SizeOf(payloadBytes))
            {
                written += BareRecords.Write(buffer.AsSpan(written), payload);
                sent++;
            }

            await stream.WriteAsync(buffer.AsMemory(0, written));
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        var end = BareRecords.Write(buffer, []);
        await stream.WriteAsync(buffer.AsMemory(0, end));
        var answer = new byte[sizeof(long)];
        await stream.ReadExactlyAsync(answer);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var counted = BinaryPrimitives.ReadInt64LittleEndian(answer);
        if (counted != sent) throw new SparkException($"The bare receiver counted {counted} of {sent} records.");
        return [sent / seconds];
    }
}
