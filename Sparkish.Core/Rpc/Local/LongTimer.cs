namespace Sparkish.Rpc.Local;

/// <summary>A timer for any duration: a longer one than the 49.7 days of system timers is waited for in steps. Thread-safe.</summary>
internal sealed class LongTimer : IDisposable
{
    /// <summary>The longest step.</summary>
    public static readonly TimeSpan MaxStep = TimeSpan.FromDays(49);

    private readonly Action _fire;
    private readonly TimeSpan _period;
    private readonly ITimer _timer;
    private TimeSpan _left;

    private LongTimer(TimeProvider time, Action fire, TimeSpan due, TimeSpan period)
    {
        _fire = fire;
        _period = period;
        _left = due;
        _timer = time.CreateTimer(static state => ((LongTimer)state!).Step(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm();
    }

    /// <summary>Calls an action after a delay, and then repeatedly unless <paramref name="period"/> is infinite.</summary>
    public static IDisposable Start(TimeProvider time, Action fire, TimeSpan due, TimeSpan period) => due <= MaxStep && period <= MaxStep
        ? time.CreateTimer(static state => ((Action)state!)(), fire, due, period)
        : new LongTimer(time, fire, due, period);

    /// <summary>The part of a duration that one system timer covers.</summary>
    public static TimeSpan StepOf(TimeSpan left) => left < MaxStep ? left : MaxStep;

    public void Dispose() => _timer.Dispose();

    private void Step()
    {
        _left -= StepOf(_left);
        if (_left > TimeSpan.Zero)
        {
            Arm();
            return;
        }

        if (_period != Timeout.InfiniteTimeSpan)
        {
            _left = _period;
            Arm();
        }

        _fire();
    }

    private void Arm() => _timer.Change(StepOf(_left), Timeout.InfiniteTimeSpan);
}
