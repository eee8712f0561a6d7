using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using static Sparkish.Tests.Membership.SwimParts;
using static Sparkish.Tests.Membership.SwimScene;

namespace Sparkish.Tests.Membership;

/// <summary>Joining and comparing alone.</summary>
internal sealed class SwimSyncTests
{
    private static readonly SwimOptions Options = new() { Seeds = [Address(0), Address(1), Address(2)] };

    [Test]
    public void A_node_that_is_alone_calls_the_other_seeds_each_second()
    {
        var (view, first, second) = (ViewOf(others: 0), NewStep(options: Options), NewStep(Start + TimeSpan.FromSeconds(1), options: Options));

        var sync = SwimSync.Start(view, first);
        var later = sync.Run(view, ProberOf(others: 0).Round, second);

        Assert.That(first.Outgoing().Select(static sent => (sent.To, sent.Message.GetType())),
            Is.EqualTo(new[] { (Address(1), typeof(FullState)), (Address(2), typeof(FullState)) }));
        Assert.That(second.Outgoing().Where(static sent => sent.Message is FullState)
            .Select(static sent => sent.To), Is.EqualTo(new[] { Address(1), Address(2) }));
        Assert.That((sync.Due, later.Due), Is.EqualTo((Start + TimeSpan.FromSeconds(1), Start + TimeSpan.FromSeconds(2))));
    }

    [Test]
    public void An_equal_view_is_answered_by_nothing_and_another_by_all_that_is_known()
    {
        var (view, equal, other) = (ViewOf(others: 5), NewStep(), NewStep());
        var sync = SwimSync.Start(view, NewStep());

        sync.OnDigest(new Digest(Address(3), view.Hash), view, equal);
        sync.OnDigest(new Digest(Address(3), view.Hash + 1), view, other);

        Assert.That(equal.Outgoing(), Is.Empty);
        Assert.That(((FullState)other.Outgoing().Single().Message).Rumors, Has.Length.EqualTo(6));
    }

    [Test]
    public void Nodes_that_are_lost_are_called_now_and_then()
    {
        var view = ViewOf(others: 5).Hear(Rumor(2, MemberStatus.Down), isSync: false, NewStep());
        var (sync, round) = (SwimSync.Start(view, NewStep()), ProberOf(others: 5).Round);
        var step = NewStep();

        for (var i = 0; i < 300; i++) sync.Run(view, round, step);

        var called = step.Outgoing().GroupBy(static sent => sent.To).ToDictionary(static group => group.Key, static group => group.Count());
        Assert.That(called[Address(2)], Is.InRange(70, 130), "one comparison in three");
        Assert.That(called.Where(pair => pair.Key != Address(2)).Sum(static pair => pair.Value),
            Is.InRange(290, 300), "and each time one that is up, unless the tries to find one miss");
    }
}
