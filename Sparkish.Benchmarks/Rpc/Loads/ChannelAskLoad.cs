using System.Diagnostics;
using System.Threading.Channels;
using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>
/// The baseline of local asks: questions with a <see cref="TaskCompletionSource{T}"/> each go through a channel to one loop that answers them.
/// </summary>
internal static class ChannelAskLoad
{
    /// <summary>As <see cref="AskLoad.MeasureAsync"/>.</summary>
    public static async Task<double[]> MeasureAsync(int outstanding, TimeSpan duration)
    {
        var channel = Channel.CreateUnbounded<Question>(new UnboundedChannelOptions { SingleReader = true });
        var answering = Task.Run(() => AnswerAsync(channel.Reader));
        LatencyHistogram[] latencies = [.. Enumerable.Range(0, outstanding).Select(_ => new LatencyHistogram())];
        var loops = new Task[outstanding];
        var message = new object();

        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var until = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (var i = 0; i < outstanding; i++) loops[i] = LoopAsync(channel.Writer, message, latencies[i], until);
        await Task.WhenAll(loops);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;

        channel.Writer.Complete();
        await answering;
        return AskReadings.Of(latencies, seconds, allocated);
    }

    private static async Task LoopAsync(ChannelWriter<Question> questions, object message, LatencyHistogram latencies, long until)
    {
        var since = Stopwatch.GetTimestamp();
        do
        {
            var question = new Question(message);
            if (!questions.TryWrite(question)) throw new InvalidOperationException("The channel was closed during a measurement.");
            if (await question.Task != message) throw new SparkException("A question was answered with something else.");
            var now = Stopwatch.GetTimestamp();
            latencies.Record(now - since);
            since = now;
        }
        while (since < until);
    }

    private static async Task AnswerAsync(ChannelReader<Question> questions)
    {
        while (await questions.WaitToReadAsync())
        {
            while (questions.TryRead(out var question)) question.SetResult(question.Message);
        }
    }

    private sealed class Question(object message) : TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public object Message { get; } = message;
    }
}
