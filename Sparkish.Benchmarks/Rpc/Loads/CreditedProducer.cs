#pragma warning disable MA0048 // the producer and what it needs of both sides belong together
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>Where a producer puts its messages. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IMessageSink
{
    void Put(object message);
}

/// <summary>A message of 48 bytes, header included.</summary>
internal sealed record Tick(long Sequence, long First, long Second, long Third);

/// <summary>How many messages a receiver has handled; written by the receiver now and then, read by the producer when its credit is spent.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal sealed class HandledCount
{
    /// <summary>How many messages the receiver handles between two reports.</summary>
    public const int ReportEvery = 256;

    // On a cache line of its own: the receiver's count must not be slowed by the producer's reading of the reports.
    [FieldOffset(64)]
    private long _reported;

    [FieldOffset(128)]
    private long _count;

    public long Reported => Volatile.Read(ref _reported);

    /// <summary>Called by the receiver for each message.</summary>
    public void Handled()
    {
        if (++_count % ReportEvery == 0) Volatile.Write(ref _reported, _count);
    }
}

/// <summary>One thread that sends as fast as it may with at most so many messages unhandled.</summary>
internal static class CreditedProducer
{
    public const int Credit = 4096;

    /// <summary>Messages a second, from the first one sent to the last one handled.</summary>
    public static Task<double> RunAsync<TSink>(TSink sink, HandledCount handled, TimeSpan duration) where TSink : struct, IMessageSink =>
        Task.Factory.StartNew(() => Run(sink, handled, duration), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static double Run<TSink>(TSink sink, HandledCount handled, TimeSpan duration) where TSink : struct, IMessageSink
    {
        var (start, sent) = (Stopwatch.GetTimestamp(), 0L);
        do
        {
            WaitFor(handled, sent - Credit + HandledCount.ReportEvery);
            for (var end = sent + HandledCount.ReportEvery; sent < end; sent++) sink.Put(new Tick(sent, 1, 2, 3));
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        WaitFor(handled, sent);
        return sent / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void WaitFor(HandledCount handled, long count)
    {
        var spinner = new SpinWait();
        while (handled.Reported < count) spinner.SpinOnce(sleep1Threshold: -1);
    }
}
