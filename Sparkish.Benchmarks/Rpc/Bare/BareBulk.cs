using System.Buffers.Binary;
using System.Diagnostics;

namespace Sparkish.Benchmarks.Rpc.Bare;

/// <summary>A stream over a bare connection, received into one buffer.</summary>
internal static class BareBulk
{
    /// <summary>Bytes a second.</summary>
    public static async Task<double[]> MeasureAsync(BarePeer peer, BareMode mode, long streamBytes, int bufferBytes, TimeSpan duration)
    {
        await using var stream = await peer.ConnectAsync(mode);
        return await Task.Factory.StartNew(
            () => Receive(stream, streamBytes, new byte[bufferBytes], duration),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static double[] Receive(Stream stream, long streamBytes, byte[] buffer, TimeSpan duration)
    {
        var wanted = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(wanted, streamBytes);
        var (start, total) = (Stopwatch.GetTimestamp(), 0L);
        do
        {
            stream.Write(wanted);
            for (var left = streamBytes; left > 0;)
            {
                var read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
                if (read == 0) throw new SparkException($"The bare sender went away {left} bytes before the end.");
                left -= read;
            }

            total += streamBytes;
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        return [total / Stopwatch.GetElapsedTime(start).TotalSeconds];
    }
}
