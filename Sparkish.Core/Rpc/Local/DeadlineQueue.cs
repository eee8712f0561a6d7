namespace Sparkish.Rpc.Local;

/// <summary>
/// Pending asks with equal timeouts, so that the order of their deadlines is the order of their arrival. Adding and removing edit a linked list, and one timer
/// serves all of them. Most asks complete long before their deadline, and then the timer is not touched. Thread-safe.
/// </summary>
internal sealed class DeadlineQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _duration;
    private readonly bool _isSystemTime;
    private readonly long _durationStamps;
    private readonly ITimer? _timer;
    private PendingAsk? _first;
    private PendingAsk? _last;
    private int _count;
    private bool _armed;
    private bool _closed;

    /// <summary>Creates a queue for a timeout. If it is infinite, asks stay in the queue until it is closed.</summary>
    public DeadlineQueue(TimeProvider time, TimeSpan duration)
    {
        _time = time;
        _duration = duration;
        _isSystemTime = time == TimeProvider.System;
        if (duration == Timeout.InfiniteTimeSpan) return;
        _durationStamps = (long)(duration.TotalSeconds * StampsPerSecond);
        _timer = time.CreateTimer(static state => ((DeadlineQueue)state!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    // The system's tick count is ten times cheaper to read than its timestamp, and milliseconds are precise enough for a timeout.
    private long Now => _isSystemTime ? Environment.TickCount64 : _time.GetTimestamp();

    private long StampsPerSecond => _isSystemTime ? 1000 : _time.TimestampFrequency;

    /// <summary>The number of pending asks.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Lets an ask wait; false when the queue is closed.</summary>
    public bool Add(PendingAsk ask)
    {
        var deadline = Now + _durationStamps;
        lock (_lock)
        {
            if (_closed) return false;
            ask.DeadlineEntry = new Entry { Queue = this, Previous = _last, Deadline = deadline, Use = ask.Use };
            if (_last is null) _first = ask;
            else _last.DeadlineEntry.Next = ask;
            _last = ask;
            _count++;
            if (!_armed && _timer is not null) ArmFor(ask);
            return true;
        }
    }

    public void Remove(PendingAsk ask)
    {
        lock (_lock) Unlink(ask);
    }

    /// <summary>Fails all pending asks and accepts no more.</summary>
    public void Close(Func<Exception> error)
    {
        List<(PendingAsk Ask, int Use)> waiting;
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
            waiting = TakeUntil(long.MaxValue);
        }

        Dispose();
        foreach (var (ask, use) in waiting) ask.GiveUp(use, error());
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>Arms the timer for a new ask; if the timer cannot be created, the queue stays unchanged.</summary>
    private void ArmFor(PendingAsk ask)
    {
        try
        {
            Arm(_duration);
        }
        catch (Exception)
        {
            Unlink(ask);
            throw;
        }
    }

    private void Arm(TimeSpan left)
    {
        _timer!.Change(LongTimer.StepOf(left), Timeout.InfiniteTimeSpan);
        _armed = true;
    }

    private void Expire()
    {
        List<(PendingAsk Ask, int Use)> expired;
        List<(PendingAsk Ask, int Use)> lost = [];
        Exception? failure = null;
        lock (_lock)
        {
            var now = Now;
            expired = TakeUntil(now);
            _armed = false;
            if (_first is { } next)
            {
                try
                {
                    Arm(TimeSpan.FromSeconds((next.DeadlineEntry.Deadline - now) / (double)StampsPerSecond) + TimeSpan.FromTicks(1));
                }
                catch (Exception error)
                {
                    // Without a timer they would wait forever.
                    failure = error;
                    lost = TakeUntil(long.MaxValue);
                }
            }
        }

        foreach (var (ask, use) in expired) ask.Expire(use);
        foreach (var (ask, use) in lost) ask.GiveUp(use, new SparkException("The ask failed because the timer of this env failed.", failure));
    }

    /// <summary>Removes the asks whose deadline has passed.</summary>
    private List<(PendingAsk Ask, int Use)> TakeUntil(long moment)
    {
        var taken = new List<(PendingAsk Ask, int Use)>();
        while (_first is { } ask && ask.DeadlineEntry.Deadline <= moment)
        {
            taken.Add((ask, ask.DeadlineEntry.Use));
            Unlink(ask);
        }

        return taken;
    }

    private void Unlink(PendingAsk ask)
    {
        ref var entry = ref ask.DeadlineEntry;
        if (entry.Queue != this) return; // removed before
        if (entry.Previous is null) _first = entry.Next;
        else entry.Previous.DeadlineEntry.Next = entry.Next;
        if (entry.Next is null) _last = entry.Previous;
        else entry.Next.DeadlineEntry.Previous = entry.Previous;
        entry = default;
        _count--;
    }

    /// <summary>The position of an ask in its queue.</summary>
    internal struct Entry
    {
        public DeadlineQueue? Queue;
        public PendingAsk? Next;
        public PendingAsk? Previous;
        public long Deadline;
        public int Use;
    }
}
