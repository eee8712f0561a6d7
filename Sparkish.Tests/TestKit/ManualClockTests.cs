using Sparkish.TestKit;

namespace Sparkish.Tests.TestKit;

internal sealed class ManualClockTests
{
    [Test]
    public void Timers_fire_in_the_order_of_their_times_each_at_its_own()
    {
        var clock = new ManualClock();
        var fired = new List<(string, double)>();
        using var late = Timer(clock, fired, "late", 3, Timeout.InfiniteTimeSpan);
        using var often = Timer(clock, fired, "often", 1, TimeSpan.FromSeconds(2));
        using var never = Timer(clock, fired, "never", 2, Timeout.InfiniteTimeSpan);
        never.Dispose();

        clock.Advance(TimeSpan.FromSeconds(4));

        Assert.That(fired, Is.EqualTo(new[] { ("often", 1.0), ("late", 3.0), ("often", 3.0) }));
        Assert.That((clock.GetUtcNow() - DateTimeOffset.UnixEpoch, clock.ArmedTimers), Is.EqualTo((TimeSpan.FromSeconds(4), 1)));
    }

    [Test]
    public async Task A_test_knows_when_a_timer_is_armed()
    {
        var clock = new ManualClock();
        var armed = clock.WhenTimerArmedAsync(TimeSpan.FromSeconds(5));
        using var tooFar = Timer(clock, [], "far", 6, Timeout.InfiniteTimeSpan);
        Assert.That(armed.IsCompleted, Is.False);

        var delay = Task.Delay(TimeSpan.FromSeconds(5), clock);
        await armed;
        clock.Advance(TimeSpan.FromSeconds(5));

        await delay;
    }

    [Test]
    public async Task No_timer_is_missed_that_another_thread_arms_meanwhile()
    {
        var within = TimeSpan.FromSeconds(1);
        for (var i = 0; i < 20_000; i++)
        {
            var clock = new ManualClock();
            var arming = Task.Run(() => clock.CreateTimer(static _ => { }, null, within, Timeout.InfiniteTimeSpan));

            await clock.WhenTimerArmedAsync(within).WaitAsync(TimeSpan.FromSeconds(20));

            await (await arming).DisposeAsync();
        }
    }

    [Test]
    public async Task A_condition_is_awaited_on_a_clock_and_told_when_it_does_not_come()
    {
        var clock = new ManualClock();
        var held = false;
        var good = Eventually.AwaitConditionAsync(clock, () => held, "it holds");
        var bad = Eventually.AwaitConditionAsync(clock, () => false, "it never holds", TimeSpan.FromSeconds(1));
        held = true;

        while (!bad.IsCompleted || !good.IsCompleted)
        {
            if (clock.ArmedTimers > 0) clock.Advance(TimeSpan.FromMilliseconds(5));
            await Task.Yield();
        }

        await good;
        var error = Assert.ThrowsAsync<TestKitException>(() => bad);
        Assert.That(error!.Message, Is.EqualTo("Waited 00:00:01 for this to hold: it never holds."));
    }

    private static ITimer Timer(ManualClock clock, List<(string, double)> fired, string name, int seconds, TimeSpan period) =>
        clock.CreateTimer(_ => fired.Add((name, (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds)), null, TimeSpan.FromSeconds(seconds), period);
}
