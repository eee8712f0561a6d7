#pragma warning disable MA0048 // the load and what it needs of an echo belong together
using System.Diagnostics;
using Sparkish.Benchmarks.Rpc.Measuring;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>An actor that answers each question with the question. Implemented by structs, so that the loop is compiled for each.</summary>
/// <typeparam name="TAnswer">The type of its answers.</typeparam>
internal interface IEcho<TAnswer>
{
    ValueTask<TAnswer> AskAsync();

    /// <summary>Whether an answer equals the question.</summary>
    bool IsEcho(TAnswer answer);
}

/// <summary>Asks an echoing endpoint, here or elsewhere, from a fixed number of loops that each have one question outstanding.</summary>
internal static class AskLoad
{
    /// <summary>Answers a second, the seconds at the median and at the 99th percentile, and the bytes that this process allocated per ask.</summary>
    public static Task<double[]> MeasureAsync(RpcEndpointRef receiver, int outstanding, int payloadBytes, TimeSpan duration) =>
        MeasureAsync<EndpointEcho, Payload>(new EndpointEcho(receiver, Payload.OfBytes(payloadBytes)), outstanding, duration);

    /// <summary>The same with any echo.</summary>
    public static async Task<double[]> MeasureAsync<TEcho, TAnswer>(TEcho echo, int outstanding, TimeSpan duration) where TEcho : struct, IEcho<TAnswer>
    {
        LatencyHistogram[] latencies = [.. Enumerable.Range(0, outstanding).Select(_ => new LatencyHistogram())];
        var loops = new Task[outstanding];

        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var until = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (var i = 0; i < outstanding; i++) loops[i] = LoopAsync<TEcho, TAnswer>(echo, latencies[i], until);
        await Task.WhenAll(loops);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;

        return AskReadings.Of(latencies, seconds, allocated);
    }

    private static async Task LoopAsync<TEcho, TAnswer>(TEcho echo, LatencyHistogram latencies, long until) where TEcho : struct, IEcho<TAnswer>
    {
        var since = Stopwatch.GetTimestamp();
        do
        {
            var answer = await echo.AskAsync();
            if (!echo.IsEcho(answer)) throw new SparkException($"An echo came back as {answer}.");
            var now = Stopwatch.GetTimestamp();
            latencies.Record(now - since);
            since = now;
        }
        while (since < until);
    }

    private readonly struct EndpointEcho(RpcEndpointRef receiver, Payload question) : IEcho<Payload>
    {
        public ValueTask<Payload> AskAsync() => receiver.AskAsync<Payload>(question);

        public bool IsEcho(Payload answer) => answer.Body.Length == question.Body.Length;
    }
}
