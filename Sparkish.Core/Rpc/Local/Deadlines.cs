using System.Collections.Concurrent;

namespace Sparkish.Rpc.Local;

/// <summary>The pending asks of an env by timeout: a few queues per timeout, so that threads do not contend for one lock. Thread-safe.</summary>
internal sealed class Deadlines(TimeProvider time, TimeSpan usual)
{
    private const int MaxDurations = 256;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500); // no caller notices the difference, and no sum of times overflows
    private static readonly int Stripes = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 16));

    private readonly DeadlineQueue[] _usual = Make(time, Bounded(usual));
    private readonly ConcurrentDictionary<TimeSpan, DeadlineQueue[]> _others = new();
    private volatile Func<Exception>? _closed;

    /// <summary>The number of pending asks.</summary>
    public long Count => _others.Values.Append(_usual).Sum(static queues => queues.Sum(static queue => (long)queue.Count));

    /// <summary>Expires an ask after its timeout, unless it is removed earlier. If the env has stopped, the ask fails at once.</summary>
    public void Add(PendingAsk ask, TimeSpan duration)
    {
        var queues = duration == usual ? _usual : Queues(Rounded(Bounded(duration)));
        if (!queues[Environment.CurrentManagedThreadId & (queues.Length - 1)].Add(ask)) ask.GiveUp(ask.Use, _closed!());
    }

    /// <summary>Fails all pending and later asks.</summary>
    /// <param name="error">Creates an exception per ask: one shared by many callers would collect the stacks of all.</param>
    public void Close(Func<Exception> error)
    {
        _closed = error;
        foreach (var queue in _others.Values.Append(_usual).SelectMany(queues => queues)) queue.Close(error);
    }

    private DeadlineQueue[] Queues(TimeSpan duration)
    {
        if (_others.TryGetValue(duration, out var queues)) return queues;
        queues = _others.GetOrAdd(duration, Make(time, duration));
        if (_closed is { } error) // Close may already have passed this queue
        {
            foreach (var queue in queues) queue.Close(error);
        }

        return queues;
    }

    /// <summary>
    /// A program that computes a new timeout for each ask must not fill the memory with queues. Beyond a limit, timeouts are rounded up to a power of two.
    /// </summary>
    private TimeSpan Rounded(TimeSpan duration) => _others.Count < MaxDurations || duration == Timeout.InfiniteTimeSpan || _others.ContainsKey(duration)
        ? duration
        : TimeSpan.FromMilliseconds(System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, duration.TotalMilliseconds)));

    private static TimeSpan Bounded(TimeSpan duration) => duration < Longest ? duration : Longest;

    private static DeadlineQueue[] Make(TimeProvider time, TimeSpan duration)
    {
        var queues = new DeadlineQueue[Stripes];
        for (var i = 0; i < queues.Length; i++) queues[i] = new DeadlineQueue(time, duration);
        return queues;
    }
}
