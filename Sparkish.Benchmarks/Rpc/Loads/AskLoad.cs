using System.Diagnostics;
using Sparkish.Benchmarks.Rpc.Measuring;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>Asks an echoing endpoint, here or elsewhere, from a fixed number of loops that each have one question outstanding.</summary>
internal static class AskLoad
{
    /// <summary>Answers a second, the seconds at the median and at the 99th percentile, and the bytes that this process allocated per ask.</summary>
    public static async Task<double[]> MeasureAsync(RpcEndpointRef receiver, int outstanding, int payloadBytes, TimeSpan duration)
    {
        LatencyHistogram[] latencies = [.. Enumerable.Range(0, outstanding).Select(_ => new LatencyHistogram())];
        var loops = new Task[outstanding];
        var question = Payload.OfBytes(payloadBytes);

        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var until = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (var i = 0; i < outstanding; i++) loops[i] = LoopAsync(receiver, question, latencies[i], until);
        await Task.WhenAll(loops);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;

        return AskReadings.Of(latencies, seconds, allocated);
    }

    private static async Task LoopAsync(RpcEndpointRef receiver, Payload question, LatencyHistogram latencies, long until)
    {
        var since = Stopwatch.GetTimestamp();
        do
        {
            var answer = await receiver.AskAsync<Payload>(question);
            if (answer.Body.Length != question.Body.Length)
                throw new SparkException($"An echo of {question.Body.Length} bytes came back as {answer.Body.Length}.");
            var now = Stopwatch.GetTimestamp();
            latencies.Record(now - since);
            since = now;
        }
        while (since < until);
    }
}
