using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.TestKit;

namespace Sparkish.Tests.Rpc.Transport;

internal sealed class DialPausesTests
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(5);
    private static readonly RpcAddress Peer = new("a", 1);

    [FsCheck.NUnit.Property]
    public bool Each_failure_doubles_the_pause_up_to_the_bound_and_half_of_it_is_chance(byte failures, int seed)
    {
        var pauses = new DialPauses(new ManualClock(), Min, Max, new Random(seed));
        for (var i = 0; i < failures; i++) pauses.CountFailure(Peer);
        var bound = failures == 0 ? 0 : Math.Min(Max.TotalMilliseconds, Min.TotalMilliseconds * Math.Pow(2, failures - 1));

        var pause = pauses.Next(Peer).TotalMilliseconds;

        return pause >= bound / 2 - 0.001 && pause <= bound + 0.001;
    }

    [Test]
    public void Pauses_differ_by_chance()
    {
        var pauses = new DialPauses(new ManualClock(), Min, Max, new Random(1));
        for (var i = 0; i < 20; i++) pauses.CountFailure(Peer);

        var different = Enumerable.Range(0, 100).Select(_ => pauses.Next(Peer)).Distinct().Count();

        Assert.That(different, Is.GreaterThan(90));
    }

    [Test]
    public void Time_that_has_passed_since_the_failure_counts()
    {
        var clock = new ManualClock();
        var pauses = new DialPauses(clock, Min, Max, new Random(1));
        pauses.CountFailure(Peer);

        clock.Advance(Min);

        Assert.That(pauses.Next(Peer), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_peer_that_was_reached_or_that_never_failed_is_dialled_at_once()
    {
        var pauses = new DialPauses(new ManualClock(), Min, Max, new Random(1));
        pauses.CountFailure(Peer);
        pauses.Forget(Peer);

        Assert.That((pauses.Next(Peer), pauses.Next(new RpcAddress("b", 2))), Is.EqualTo((TimeSpan.Zero, TimeSpan.Zero)));
    }
}
