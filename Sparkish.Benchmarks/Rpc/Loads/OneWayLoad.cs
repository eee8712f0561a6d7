using System.Diagnostics;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>
/// One producer tells an endpoint of the other process. Behind each batch goes a question that is answered once the batch was handled, and only so many
/// batches are under way: the receiver's speed is measured, not the depth of the sender's outbox.
/// </summary>
internal static class OneWayLoad
{
    private const int BatchMessages = 1024;
    private const int BatchesUnderWay = 16;

    /// <summary>Messages a second, from the first one sent to the last one handled.</summary>
    public static async Task<double[]> MeasureAsync(RpcEndpointRef receiver, int payloadBytes, TimeSpan duration)
    {
        var (payload, underWay, sent) = (Payload.OfBytes(payloadBytes), new Queue<Task<long>>(), 0L);
        var before = await receiver.AskAsync<long>(CountSoFar.Instance);

        var start = Stopwatch.GetTimestamp();
        do
        {
            for (var i = 0; i < BatchMessages; i++) receiver.Send(payload);
            sent += BatchMessages;
            underWay.Enqueue(CountAsync(receiver));
            if (underWay.Count >= BatchesUnderWay) await underWay.Dequeue();
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        var counted = (await Task.WhenAll(underWay))[^1] - before;
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        if (counted != sent) throw new SparkException($"The receiver counted {counted} of {sent} messages.");
        return [sent / seconds];
    }

    private static async Task<long> CountAsync(RpcEndpointRef receiver) => await receiver.AskAsync<long>(CountSoFar.Instance);
}
