#pragma warning disable MA0048 // the load and what it needs of a counter belong together
using System.Diagnostics;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>An actor that counts what is sent to it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface ICounter
{
    void Send();

    /// <summary>Number of messages that it has handled since its start, after all that were sent before.</summary>
    Task<long> CountAsync();
}

/// <summary>
/// One producer tells an endpoint of the other process. Behind each batch goes a question that is answered once the batch was handled, and only so many
/// batches are under way: the receiver's speed is measured, not the depth of the sender's outbox.
/// </summary>
internal static class OneWayLoad
{
    private const int BatchMessages = 1024;
    private const int BatchesUnderWay = 16;

    /// <summary>Messages a second, from the first one sent to the last one handled.</summary>
    public static Task<double[]> MeasureAsync(RpcEndpointRef receiver, int payloadBytes, TimeSpan duration) =>
        MeasureAsync(new EndpointCounter(receiver, Payload.OfBytes(payloadBytes)), duration);

    /// <summary>The same with any counter.</summary>
    public static async Task<double[]> MeasureAsync<TCounter>(TCounter counter, TimeSpan duration) where TCounter : struct, ICounter
    {
        var (underWay, sent) = (new Queue<Task<long>>(), 0L);
        var before = await counter.CountAsync();

        var start = Stopwatch.GetTimestamp();
        do
        {
            for (var i = 0; i < BatchMessages; i++) counter.Send();
            sent += BatchMessages;
            underWay.Enqueue(counter.CountAsync());
            if (underWay.Count >= BatchesUnderWay) await underWay.Dequeue();
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        var counted = (await Task.WhenAll(underWay))[^1] - before;
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        if (counted != sent) throw new SparkException($"The receiver counted {counted} of {sent} messages.");
        return [sent / seconds];
    }

    private readonly struct EndpointCounter(RpcEndpointRef receiver, Payload payload) : ICounter
    {
        public void Send() => receiver.Send(payload);

        public async Task<long> CountAsync() => await receiver.AskAsync<long>(CountSoFar.Instance);
    }
}
