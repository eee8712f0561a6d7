namespace Sparkish.Rpc.Local;

/// <summary>The timers that end with their owner. Thread-safe.</summary>
internal sealed class TimerSet
{
    private readonly Lock _lock = new();
    private HashSet<ScheduledSend>? _timers = [];

    /// <summary>Adds a timer; false if the owner has ended.</summary>
    public bool TryAdd(ScheduledSend timer)
    {
        lock (_lock)
        {
            if (_timers is null) return false;
            _timers.Add(timer);
            return true;
        }
    }

    public void Remove(ScheduledSend timer)
    {
        lock (_lock) _timers?.Remove(timer);
    }

    /// <summary>Cancels all timers.</summary>
    public void CancelAll() => Cancel(close: false);

    /// <summary>Cancels all timers and accepts no more.</summary>
    public void Close() => Cancel(close: true);

    private void Cancel(bool close)
    {
        ScheduledSend[] timers;
        lock (_lock)
        {
            timers = _timers is null ? [] : [.. _timers];
            if (close) _timers = null;
        }

        foreach (var timer in timers) timer.Dispose();
    }
}
