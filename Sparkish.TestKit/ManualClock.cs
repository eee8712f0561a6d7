namespace Sparkish.TestKit;

/// <summary>
/// A clock that only moves when it is advanced. Due timers fire on the advancing thread, in the order of their times, each at its own time. Thread-safe; one
/// thread at a time advances it.
/// </summary>
public sealed class ManualClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(Func<TimeSpan, bool> Wanted, TaskCompletionSource Armed)> _waiting = [];
    private DateTimeOffset _now;
    private long _lastOrder;
    private Action<DateTimeOffset>? _moved;

    /// <summary>Creates a clock that is set to a moment.</summary>
    public ManualClock(DateTimeOffset? start = null) => _now = start ?? DateTimeOffset.UnixEpoch;

    /// <summary>Ticks of 100 ns.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>UTC, so that tests behave alike everywhere.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Number of armed timers.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_lock) return _timers.Count;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>Advances the clock; timers that fire may arm others, which fire too if they are due.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var end = GetUtcNow() + by;
        FireDue(end);
        lock (_lock) _now = end;
        if (_moved is null) return;
        _moved(end);
        FireDue(end); // what was armed just now
    }

    /// <summary>Completes when a timer is armed that is due within a duration from now: a test then knows that the tested code has begun to wait.</summary>
    public Task WhenTimerArmedAsync(TimeSpan within)
    {
        lock (_lock) // over both, so that no timer is armed between them
        {
            return _timers.Exists(timer => timer.Due <= _now + within) ? Task.CompletedTask : WhenTimerArmedAsync(after => after <= within);
        }
    }

    /// <summary>Completes when a timer is armed whose delay meets a condition.</summary>
    public Task WhenTimerArmedAsync(Func<TimeSpan, bool> wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _waiting.Add((wanted, armed));
        return armed.Task;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Calls a function whenever the clock has moved, before the timers that are due then, on the advancing thread.</summary>
    internal IDisposable OnMove(Action<DateTimeOffset> moved)
    {
        _moved += moved;
        return new Subscription(() => _moved -= moved);
    }

    private void FireDue(DateTimeOffset end)
    {
        while (TakeDue(end) is { } timer)
        {
            _moved?.Invoke(GetUtcNow());
            timer.Fire();
        }
    }

    private ManualTimer? TakeDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => (timer.Due, timer.Order));
            if (next is null) return null;
            if (next.Due > _now) _now = next.Due;
            _timers.Remove(next);
            if (next.Period > TimeSpan.Zero) Arm(next, next.Period);
            return next;
        }
    }

    private void Arm(ManualTimer timer, TimeSpan after)
    {
        timer.Due = _now + after;
        timer.Order = ++_lastOrder;
        _timers.Add(timer);
        foreach (var waiting in _waiting.Where(waiting => waiting.Wanted(after)).ToList())
        {
            _waiting.Remove(waiting);
            waiting.Armed.TrySetResult();
        }
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public long Order { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                if (_disposed) return false;
                clock._timers.Remove(this);
                Period = period;
                if (dueTime != Timeout.InfiniteTimeSpan) clock.Arm(this, dueTime);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                _disposed = true;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
