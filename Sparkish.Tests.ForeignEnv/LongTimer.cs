namespace Sparkish.Tests.ForeignEnv;

/// <summary>Calls back once after a delay of any length: the clock's timers count no more than 49 days, so it waits in steps.</summary>
internal sealed class LongTimer : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromDays(40);

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly TimeSpan _delay;
    private readonly Action _callback;
    private readonly ITimer _timer;

    public LongTimer(TimeProvider time, TimeSpan delay, Action callback)
    {
        (_time, _start, _delay, _callback) = (time, time.GetTimestamp(), delay, callback);
        _timer = time.CreateTimer(static timer => ((LongTimer)timer!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(delay);
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        var left = _delay - _time.GetElapsedTime(_start);
        if (_delay > Step && left > TimeSpan.Zero) Arm(left);
        else _callback();
    }

    private void Arm(TimeSpan delay) => _timer.Change(delay < Step ? delay : Step, Timeout.InfiniteTimeSpan);
}
