using Akka.Actor;
using Akka.TestKit;

namespace Sparkish.TestKit.Akka.NUnit;

/// <summary>
/// Joins the clock of endpoints and the scheduler of actors: when a test advances one, the other advances as far. <see cref="ManualClock.Advance"/> keeps the
/// order of due times between both. <see cref="TestScheduler.Advance"/> first fires all that is due on the clock. One thread at a time advances.
/// </summary>
/// <remarks>Akka's scheduler fires what repeats once each time that it advances, however far.</remarks>
public sealed class ClockBridge : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly ManualClock _clock;
    private readonly TestScheduler _scheduler;
    private readonly IDisposable _subscription;
    private readonly Cancelable _pulse;
    private DateTimeOffset _clockTime;
    private DateTimeOffset _schedulerTime;
    private bool _isFollowing;

    /// <summary>Joins a clock and the scheduler of an actor system, from their present times on.</summary>
    /// <param name="clock">The clock, for example of an env.</param>
    /// <param name="system">An actor system with Akka's test scheduler, as <see cref="AkkaTestKit.RemotingWithTestScheduler"/> sets it up.</param>
    /// <exception cref="ArgumentException">The actor system has another scheduler.</exception>
    public ClockBridge(ManualClock clock, ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(system);
        _clock = clock;
        _scheduler = system.Scheduler as TestScheduler ?? throw new ArgumentException(
            $"Actor system '{system.Name}' has a {system.Scheduler.GetType().Name}: set akka.scheduler.implementation to 'Akka.TestKit.TestScheduler, Akka.TestKit'.",
            nameof(system));
        (_clockTime, _schedulerTime) = (clock.GetUtcNow(), _scheduler.Now);
        _pulse = new Cancelable(_scheduler.Advanced);
        _subscription = clock.OnMove(FollowClock);

        // The scheduler tells nobody that it advances, but it runs what is due.
        _scheduler.ScheduleRepeatedly(Tick, Tick, FollowScheduler, _pulse);
    }

    /// <summary>Parts them: from now on each advances alone.</summary>
    public void Dispose()
    {
        _pulse.Cancel(throwOnFirstException: false);
        _subscription.Dispose();
    }

    private void FollowClock(DateTimeOffset now) => Follow(() => _scheduler.Advance(now - _clockTime));

    private void FollowScheduler() => Follow(() => _clock.Advance(_scheduler.Now - _schedulerTime));

    private void Follow(Action advance)
    {
        if (_isFollowing) return;
        _isFollowing = true;
        try
        {
            advance();
        }
        finally
        {
            _isFollowing = false;
            (_clockTime, _schedulerTime) = (_clock.GetUtcNow(), _scheduler.Now);
        }
    }
}
