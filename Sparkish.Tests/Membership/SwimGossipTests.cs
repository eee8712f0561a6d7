using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using static Sparkish.Tests.Membership.SwimParts;
using static Sparkish.Tests.Membership.SwimScene;

namespace Sparkish.Tests.Membership;

/// <summary>Gossip alone: what rides on messages, how often, and what is told at once.</summary>
internal sealed class SwimGossipTests
{
    [Test]
    public void News_rides_on_messages_that_carry_it_and_on_no_other()
    {
        var (effects, rumor) = (new SwimEffects(), Rumor(2, MemberStatus.Up));
        var step = NewStep(effects: effects);
        step.Send(Address(1), new Ping(Address(0), 1, []));
        step.Carry(Address(1), new Ping(Address(0), 2, []));

        new SwimGossip().Tell(rumor).Emit(ViewOf(others: 3), step);

        Assert.That(effects.Sends.Select(static sent => ((Ping)sent.Message).Rumors), Is.EqualTo(new[] { Array.Empty<MemberRumor>(), [rumor] }));
    }

    [Test]
    public void A_piece_of_news_is_passed_on_six_times_the_logarithm_of_the_group()
    {
        var (effects, gossip) = (new SwimEffects(), new SwimGossip().Tell(Rumor(2, MemberStatus.Up)));
        var step = NewStep(effects: effects);
        for (var number = 0; number < 100; number++) step.Carry(Address(1), new Ping(Address(0), number, []));

        gossip.Emit(ViewOf(others: 20), step);

        Assert.That(effects.Sends.Count(static sent => !((Ping)sent.Message).Rumors.IsEmpty), Is.EqualTo(12));
    }

    [Test]
    public void A_suspected_node_hears_first_what_is_said_of_it()
    {
        var effects = new SwimEffects();
        var step = NewStep(effects: effects);
        var view = ViewOf(others: 3).Hear(Rumor(1, MemberStatus.Suspected), isSync: false, NewStep());
        step.Carry(Address(1), new News(Address(0), []));

        new SwimGossip().Tell(Rumor(2, MemberStatus.Up)).Emit(view, step);

        Assert.That(((News)effects.Sends.Single().Message).Rumors.Select(static rumor => (rumor.Member, rumor.Status)),
            Is.EqualTo(new[] { (MemberOf(1), MemberStatus.Suspected), (MemberOf(2), MemberStatus.Up) }));
    }

    [Test]
    public void An_end_is_told_at_once_to_the_follower_and_one_other_and_good_news_waits()
    {
        var (view, round) = (ViewOf(others: 20), ProberOf(others: 20).Round);
        var (good, bad) = (NewStep(), NewStep());

        new SwimGossip().Tell(Rumor(2, MemberStatus.Up)).Spread(view, round, good);
        var after = new SwimGossip().Tell(Rumor(2, MemberStatus.Down)).Spread(view, round, bad);

        Assert.That(good.Outgoing(), Is.Empty);
        Assert.That(bad.Outgoing().ConvertAll(static sent => sent.To), Has.Count.EqualTo(2).And.Contains(view.Follower!.Value));
        Assert.That(after.Due, Is.EqualTo(TimeSpan.MaxValue));
    }
}
