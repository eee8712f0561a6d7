using Sparkish.Rpc.Local;
using Sparkish.TestKit;

namespace Sparkish.Tests.Rpc.Local;

internal sealed class LongTimerTests
{
    [Test]
    public void A_delay_longer_than_any_timer_is_waited_for_in_steps()
    {
        var clock = new ManualClock();
        var fired = 0;

        using var timer = LongTimer.Start(clock, () => fired++, TimeSpan.FromDays(120), TimeSpan.FromDays(60));
        clock.Advance(TimeSpan.FromDays(120) - TimeSpan.FromTicks(1));
        var early = fired;
        clock.Advance(TimeSpan.FromTicks(1));
        var first = fired;
        clock.Advance(TimeSpan.FromDays(180));

        Assert.That((early, first, fired), Is.EqualTo((0, 1, 4)));
    }

    [Test]
    public void A_long_timer_that_is_disposed_does_not_fire()
    {
        var clock = new ManualClock();
        var fired = 0;

        LongTimer.Start(clock, () => fired++, TimeSpan.MaxValue, Timeout.InfiniteTimeSpan).Dispose();
        clock.Advance(TimeSpan.FromDays(200));

        Assert.That((fired, clock.ArmedTimers), Is.EqualTo((0, 0)));
    }
}
