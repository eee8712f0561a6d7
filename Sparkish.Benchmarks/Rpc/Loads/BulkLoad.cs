using System.Diagnostics;
using Sparkish.Benchmarks.Rpc.Bare;
using Sparkish.Benchmarks.Rpc.Nodes;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>Streams of the other process, one after the other, read on a thread of its own into one buffer.</summary>
internal static class BulkLoad
{
    /// <summary>Bytes a second.</summary>
    public static Task<double[]> MeasureAsync(Link link, BareMode mode, long streamBytes, int bufferBytes, TimeSpan duration) =>
        Task.Factory.StartNew(() => Receive(link, BenchBulkSource.PathOf(mode, streamBytes), streamBytes, new byte[bufferBytes], duration),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static double[] Receive(Link link, string path, long streamBytes, byte[] buffer, TimeSpan duration)
    {
        var (start, total) = (Stopwatch.GetTimestamp(), 0L);
        do
        {
            using var stream = link.Env.OpenBulk(link.Server, path);
            var received = 0L;
            while (stream.Read(buffer, 0, buffer.Length) is var read and > 0) received += read;
            if (received != streamBytes) throw new SparkException($"The stream {path} ended after {received} bytes.");
            total += received;
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        return [total / Stopwatch.GetElapsedTime(start).TotalSeconds];
    }
}
