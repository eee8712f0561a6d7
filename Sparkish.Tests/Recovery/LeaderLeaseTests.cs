using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.TestKit;

namespace Sparkish.Tests.Recovery;

public sealed class LeaderLeaseTests
{
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(3);

    [Test]
    public void A_lease_is_over_before_the_server_can_end_the_session()
    {
        var clock = new ManualClock();
        var lease = new LeaderLease(clock, SessionTimeout, clock.GetTimestamp());

        clock.Advance(SessionTimeout * 0.9 - TimeSpan.FromTicks(1));
        var before = lease.Left;
        clock.Advance(TimeSpan.FromTicks(1));

        Assert.That(before, Is.EqualTo(TimeSpan.FromTicks(1)));
        Assert.That(lease.Left, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_renewed_lease_counts_from_when_the_ping_was_sent_and_not_from_its_answer()
    {
        var clock = new ManualClock();
        var lease = new LeaderLease(clock, SessionTimeout, clock.GetTimestamp());
        clock.Advance(TimeSpan.FromSeconds(1));
        var sentAt = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromSeconds(1));

        var renewed = lease.Renew(sentAt);

        Assert.That(renewed, Is.True);
        Assert.That(lease.Left, Is.EqualTo(TimeSpan.FromSeconds(1.7)));
    }

    [Test]
    public void A_lease_that_was_over_stays_so_though_an_answer_comes()
    {
        var clock = new ManualClock();
        var lease = new LeaderLease(clock, SessionTimeout, clock.GetTimestamp());
        clock.Advance(TimeSpan.FromSeconds(1));
        var sentAt = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.That(lease.Renew(sentAt), Is.False);
        Assert.That(lease.Left, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Candidates_come_back_at_different_times_and_within_a_second()
    {
        var first = Enumerable.Range(0, 100).Select(_ => ElectionBackoff.DelayAfter(1)).ToList();
        var late = Enumerable.Range(0, 100).Select(i => ElectionBackoff.DelayAfter(5 + i)).ToList();

        Assert.That(first, Is.All.InRange(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100)));
        Assert.That(late, Is.All.InRange(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1)));
        Assert.That(late.Distinct().Count(), Is.GreaterThan(10));
    }
}
