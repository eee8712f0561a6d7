namespace Sparkish.Tests.Rpc.Local;

/// <summary>A clock whose timers can be told to refuse.</summary>
internal sealed class RefusingClock(TimeProvider inner) : TimeProvider
{
    public bool Refuses { get; set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (Refuses) throw new NotSupportedException("No timer.");
        return new Timer(this, inner.CreateTimer(callback, state, dueTime, period));
    }

    private sealed class Timer(RefusingClock clock, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Refuses ? throw new NotSupportedException("No change.") : inner.Change(dueTime, period);

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
