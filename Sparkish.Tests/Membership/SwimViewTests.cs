using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using static Sparkish.Tests.Membership.SwimParts;
using static Sparkish.Tests.Membership.SwimScene;

namespace Sparkish.Tests.Membership;

/// <summary>The view alone: what it takes over, and what it hands to the other parts.</summary>
internal sealed class SwimViewTests
{
    [Test]
    public void A_node_that_is_heard_of_first_is_to_be_probed_and_told_of()
    {
        var (effects, rumor) = (new SwimEffects(), Rumor(1, MemberStatus.Up));
        var step = NewStep(effects: effects);

        var view = ViewOf(others: 0).Hear(rumor, isSync: false, step);

        Assert.That((view.Others, view.Follower), Is.EqualTo((1, Address(1))));
        Assert.That(step.TakeChanges(), Is.EqualTo(new ViewChange[] { new ViewChange.Met(Address(1)), new ViewChange.News(rumor) }));
        Assert.That(effects.Events, Is.EqualTo(new[] { new MemberUp(MemberOf(1)) }));
    }

    [Test]
    public void Old_news_changes_nothing_and_hands_on_nothing()
    {
        var (before, step) = (ViewOf(others: 3), NewStep());

        var after = before.Hear(Rumor(2, MemberStatus.Suspected, incarnation: 0), isSync: false, step);

        Assert.That(after, Is.SameAs(before));
        Assert.That(step.TakeChanges(), Is.Empty);
    }

    [Test]
    public void A_suspicion_of_the_node_itself_is_answered_by_a_higher_incarnation_and_casts_doubt_on_its_ears()
    {
        var step = NewStep();

        var view = ViewOf(others: 3).Hear(Rumor(0, MemberStatus.Suspected, incarnation: 4), isSync: false, step);

        Assert.That(view.Incarnation, Is.EqualTo(5));
        Assert.That(step.TakeChanges(), Is.EqualTo(new ViewChange[] { new ViewChange.Accused(), new ViewChange.News(view.SelfRumor) }));
    }

    [Test]
    public void One_that_was_held_for_dead_is_to_be_told_so_when_it_speaks()
    {
        var step = NewStep();
        var dead = ViewOf(others: 3).Hear(Rumor(2, MemberStatus.Down), isSync: false, NewStep());

        var view = dead.Hear(Rumor(2, MemberStatus.Up, incarnation: 2), isSync: false, step);

        Assert.That(view.There(Address(2)), Is.Not.Null);
        Assert.That(step.TakeChanges().OfType<ViewChange.Revived>().Single().Death.Status, Is.EqualTo(MemberStatus.Down));
    }

    [Test]
    public void The_follower_is_the_next_node_on_the_ring_that_is_up()
    {
        var view = ViewOf(others: 20);
        var first = view.Follower!.Value;

        var suspected = view.Hear(new MemberRumor(view.Members[first].Member, 1, MemberStatus.Suspected, Address(9), "silent"), isSync: false, NewStep());

        Assert.That(suspected.Follower, Is.Not.EqualTo(first));
        Assert.That(suspected.Hear(new MemberRumor(view.Members[first].Member, 2, MemberStatus.Up, first), isSync: false, NewStep())
            .Follower, Is.EqualTo(first));
    }
}
