namespace Sparkish.Rpc.Local;

/// <summary>A timer for any duration: the system's take no more than 49.7 days, so a longer one is waited for in steps. Safe for all threads.</summary>
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

    /// <summary>Calls an action after a delay, and then again and again unless <paramref name="period"/> is infinite.</summary>
    public static IDisposable Start(TimeProvider time, Action fire, TimeSpan due, TimeSpan period) => due <= MaxStep && period <= MaxStep
        ? time.CreateTimer(static state => ((Action)state!)(), fire, due, period)
        : new LongTimer(time, fire, due, period);

    /// <summary>As much of a duration as a timer takes at once.</summary>
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
