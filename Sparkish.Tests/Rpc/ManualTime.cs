namespace Sparkish.Tests.Rpc;

/// <summary>A clock that stands until it is advanced; due timers fire on the thread that advances it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;
    private int _undisposed;
    private Func<TimeSpan, bool>? _wanted;
    private TaskCompletionSource? _made;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.Ticks;

    /// <summary>Timers that were made and not disposed.</summary>
    public int Undisposed => _undisposed;

    /// <summary>Moves on; timers fire one after the other, each at its own time, and those that repeat as often as they are due.</summary>
    public void Advance(TimeSpan by)
    {
        var until = _now + by;
        while (NextDue(until) is { } timer) timer.Fire();
        lock (_lock) _now = until;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock) _undisposed++;
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        lock (_lock)
        {
            if (_wanted?.Invoke(dueTime) == true) _made!.TrySetResult();
        }

        return timer;
    }

    /// <summary>Completes when, from now on, a timer of such a duration is made.</summary>
    public Task WhenTimerAsync(Func<TimeSpan, bool> wanted)
    {
        lock (_lock)
        {
            _wanted = wanted;
            _made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _made.Task;
        }
    }

    private ManualTimer? NextDue(DateTimeOffset until)
    {
        lock (_lock)
        {
            var next = _timers.MinBy(timer => timer.Due);
            if (next is null || next.Due > until) return null;
            if (next.Due > _now) _now = next.Due;
            _timers.Remove(next);
            next.Repeat();
            return next;
        }
    }

    private sealed class ManualTimer(ManualTime clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;
        private bool _disposed;

        public DateTimeOffset Due { get; private set; }

        public void Fire() => callback(state);

        public void Repeat()
        {
            if (_period <= TimeSpan.Zero) return;
            Due += _period;
            clock._timers.Add(this);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                if (_disposed) return false;
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock._now + dueTime;
                clock._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                if (!_disposed) clock._undisposed--;
                _disposed = true;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
