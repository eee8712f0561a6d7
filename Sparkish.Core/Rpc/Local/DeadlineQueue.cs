namespace Sparkish.Rpc.Local;

/// <summary>
/// Asks that wait equally long, so that the order of their deadlines is the order of their arrival: adding and removing link a list, and one timer
/// stands for all of them. Most asks are answered long before; then the timer is not touched. Safe for all threads.
/// </summary>
internal sealed class DeadlineQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _duration;
    private readonly bool _isSystemTime;
    private readonly long _durationStamps;
    private readonly ITimer _timer;
    private PendingAsk? _first;
    private PendingAsk? _last;
    private bool _armed;

    public DeadlineQueue(TimeProvider time, TimeSpan duration)
    {
        _time = time;
        _duration = duration;
        _isSystemTime = time == TimeProvider.System;
        _durationStamps = (long)(duration.TotalSeconds * StampsPerSecond);
        _timer = time.CreateTimer(static state => ((DeadlineQueue)state!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    // The system's tick count is ten times cheaper to read than its timestamp, and a timeout needs no more than its milliseconds.
    private long Now => _isSystemTime ? Environment.TickCount64 : _time.GetTimestamp();

    private long StampsPerSecond => _isSystemTime ? 1000 : _time.TimestampFrequency;

    public void Add(PendingAsk ask)
    {
        var deadline = Now + _durationStamps;
        lock (_lock)
        {
            ask.DeadlineEntry = new Entry { Queue = this, Previous = _last, Deadline = deadline, Use = ask.Use };
            if (_last is null) _first = ask;
            else _last.DeadlineEntry.Next = ask;
            _last = ask;
            if (_armed) return;
            _armed = true;
            _timer.Change(_duration, Timeout.InfiniteTimeSpan);
        }
    }

    public void Remove(PendingAsk ask)
    {
        lock (_lock) Unlink(ask);
    }

    public void Dispose() => _timer.Dispose();

    private void Expire()
    {
        var expired = new List<(PendingAsk Ask, int Use)>();
        lock (_lock)
        {
            var now = Now;
            while (_first is { } ask && ask.DeadlineEntry.Deadline <= now)
            {
                expired.Add((ask, ask.DeadlineEntry.Use));
                Unlink(ask);
            }

            _armed = _first is not null;
            if (_armed) _timer.Change(TimeSpan.FromSeconds((_first!.DeadlineEntry.Deadline - now) / (double)StampsPerSecond) + TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan);
        }

        foreach (var (ask, use) in expired) ask.Expire(use);
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
    }

    /// <summary>What an ask keeps for the queue that it stands in.</summary>
    internal struct Entry
    {
        public DeadlineQueue? Queue;
        public PendingAsk? Next;
        public PendingAsk? Previous;
        public long Deadline;
        public int Use;
    }
}
