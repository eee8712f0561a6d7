using System.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// Timers that fire on one thread when it polls them. They do not need the thread pool, as system timers do, and so are not late when it is busy. Everything
/// else is delegated to the system clock. Thread-safe except for <see cref="Fire"/>, which only the owning thread calls.
/// </summary>
/// <param name="wake">Wakes the thread: called when a timer is set to an earlier time than all others.</param>
internal sealed class ThreadTimers(Action wake) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<ThreadTimer, long> _queue = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ThreadTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Calls the timers that are due.</summary>
    /// <returns>The time that the thread may then wait: milliseconds, or -1 for no limit.</returns>
    public int Fire()
    {
        while (true)
        {
            ThreadTimer? timer;
            lock (_lock)
            {
                if (!_queue.TryPeek(out timer, out var due)) return Timeout.Infinite;
                var left = due - Stopwatch.GetTimestamp();
                if (left > 0) return (int)Math.Clamp((left * 1000 / Stopwatch.Frequency) + 1, 1, int.MaxValue);
                _queue.Dequeue();
                if (timer.Period is { } period) _queue.Enqueue(timer, due + period);
            }

            timer.Call();
        }
    }

    /// <summary>Resets a timer, or removes it.</summary>
    public void Set(ThreadTimer timer, TimeSpan? due)
    {
        bool isFirst;
        lock (_lock)
        {
            _queue.Remove(timer, out _, out _);
            if (due is not { } delay) return;
            _queue.Enqueue(timer, Stopwatch.GetTimestamp() + Ticks(delay));
            isFirst = _queue.Peek() == timer;
        }

        if (isFirst) wake();
    }

    public static long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * Stopwatch.Frequency);
}

/// <summary>A timer that fires on one thread.</summary>
internal sealed class ThreadTimer(ThreadTimers owner, TimerCallback callback, object? state) : ITimer
{
    private volatile bool _isDisposed;

    /// <summary>The interval of repetition in ticks; null if it fires once.</summary>
    public long? Period { get; private set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_isDisposed) return false;
        Period = period > TimeSpan.Zero ? Math.Max(1, ThreadTimers.Ticks(period)) : null;
        owner.Set(this, dueTime == Timeout.InfiniteTimeSpan ? null : dueTime);
        return true;
    }

    public void Call()
    {
        if (!_isDisposed) callback(state);
    }

    public void Dispose()
    {
        _isDisposed = true;
        owner.Set(this, null);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
