using Sparkish.Rpc.Local;
using Sparkish.TestKit;

namespace Sparkish.Tests.Rpc.Local;

internal sealed class LogThrottleTests
{
    [Test]
    public void One_line_in_a_while_goes_through_and_tells_of_the_others()
    {
        var clock = new ManualClock();
        var throttle = new LogThrottle(clock);

        var first = (throttle.TryPass(out var omitted), omitted);
        var flood = Enumerable.Range(0, 1000).Count(_ => throttle.TryPass(out var _));
        clock.Advance(TimeSpan.FromSeconds(10));
        var later = (throttle.TryPass(out omitted), omitted);

        Assert.That((first, flood, later, throttle.Omitted), Is.EqualTo(((true, 0L), 0, (true, 1000L), 0L)));
    }
}
