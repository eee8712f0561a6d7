using Sparkish.Deploy;
using Sparkish.Deploy.Submission;
using Sparkish.TestKit;

namespace Sparkish.Tests.Deploy.Submission;

internal sealed class DriverMonitorTests
{
    private static readonly DriverId First = new("driver-20260102030405-0000");
    private static readonly DriverId Second = new("driver-20260102030406-0001");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestCase(DriverState.Submitted, true)]
    [TestCase(DriverState.Running, true)]
    [TestCase(DriverState.Failed, true)]
    [TestCase(DriverState.Killed, true)]
    [TestCase(DriverState.Error, false)]
    public async Task Without_waiting_the_first_report_after_five_seconds_is_the_last(DriverState state, bool isGood)
    {
        var clock = new ManualClock();
        var lines = new List<string>();
        var monitor = new DriverMonitor((_, _) => Task.FromResult(Status(state)), lines.Add, clock);

        var following = monitor.FollowAsync(First, untilEnd: false, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.That(await following.WaitAsync(Limit), Is.EqualTo(isGood));
        Assert.That(lines, Has.Count.EqualTo(1).And.One.Contains(state.ToString().ToUpperInvariant()));
    }

    [Test]
    public async Task The_end_of_a_driver_is_awaited_also_that_of_the_one_that_replaces_it()
    {
        var clock = new ManualClock();
        var answers = new Queue<DriverStatusResponse>([Status(DriverState.Running),
            Status(DriverState.Relaunching, DriverStates.RelaunchedAs(Second)), Status(DriverState.Running), Status(DriverState.Finished)]);
        var asked = new List<DriverId>();
        var monitor = new DriverMonitor((driver, _) =>
        {
            asked.Add(driver);
            return Task.FromResult(answers.Dequeue());
        }, static _ => { }, clock);

        var following = monitor.FollowAsync(First, untilEnd: true, CancellationToken.None);
        foreach (var seconds in new[] { 5, 10, 10, 10 })
        {
            await clock.WhenTimerArmedAsync(TimeSpan.FromSeconds(seconds)).WaitAsync(Limit);
            clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        Assert.That(await following.WaitAsync(Limit), Is.True);
        Assert.That(asked, Is.EqualTo(new[] { First, First, Second, Second }));
    }

    [Test]
    public void A_driver_that_the_master_does_not_know_is_an_error()
    {
        var unknown = new DriverStatusResponse(Found: false, null, null, null, null);
        var monitor = new DriverMonitor((_, _) => Task.FromResult(unknown), static _ => { }, new ManualClock());

        Assert.That(async () => await monitor.ReportAsync(First, CancellationToken.None), Throws.TypeOf<SparkException>().With.Message.Contains(First.Value));
    }

    private static DriverStatusResponse Status(DriverState state, string? message = null) => new(Found: true, state, null, null, message);
}
