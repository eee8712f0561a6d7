using System.Collections.Concurrent;

namespace Sparkish.Rpc.Local;

/// <summary>The timeouts of an env's asks: a few queues for each duration, so that threads do not meet at one lock. Safe for all threads.</summary>
internal sealed class Deadlines(TimeProvider time, TimeSpan usual) : IDisposable
{
    private const int MaxDurations = 256;
    private static readonly int Stripes = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 16));

    private readonly DeadlineQueue[] _usual = Make(time, usual);
    private readonly ConcurrentDictionary<TimeSpan, DeadlineQueue[]> _others = new();

    /// <summary>Lets an ask expire after a duration, unless it is removed before.</summary>
    public void Add(PendingAsk ask, TimeSpan duration)
    {
        if (duration == Timeout.InfiniteTimeSpan) return;
        var queues = duration == usual ? _usual : Queues(Rounded(duration));
        queues[Environment.CurrentManagedThreadId & (queues.Length - 1)].Add(ask);
    }

    public void Dispose()
    {
        foreach (var queue in _others.Values.Append(_usual).SelectMany(queues => queues)) queue.Dispose();
    }

    private DeadlineQueue[] Queues(TimeSpan duration) => _others.TryGetValue(duration, out var queues) ? queues : _others.GetOrAdd(duration, Make(time, duration));

    /// <summary>A program that computes each timeout anew must not fill the memory with queues: past a number of them, durations are rounded up to a power of two.</summary>
    private TimeSpan Rounded(TimeSpan duration) => _others.Count < MaxDurations || _others.ContainsKey(duration)
        ? duration
        : TimeSpan.FromMilliseconds(System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, duration.TotalMilliseconds)));

    private static DeadlineQueue[] Make(TimeProvider time, TimeSpan duration)
    {
        var queues = new DeadlineQueue[Stripes];
        for (var i = 0; i < queues.Length; i++) queues[i] = new DeadlineQueue(time, duration);
        return queues;
    }
}
