using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using static Sparkish.Tests.Membership.SwimParts;
using static Sparkish.Tests.Membership.SwimScene;

namespace Sparkish.Tests.Membership;

/// <summary>The prober alone: whom it asks, and what it makes of silence.</summary>
internal sealed class SwimProberTests
{
    private static readonly SwimOptions Options = new();

    [Test]
    public void A_question_carries_news_and_is_over_with_its_answer()
    {
        var (view, step) = (ViewOf(others: 5), NewStep());

        var asking = ProberOf(others: 5).StartProbe(view, step);
        var (to, message, carriesNews) = step.Outgoing().Single();
        var answered = asking.OnAck(new Ack(to, ((Ping)message).Number, []), view, NewStep());

        Assert.That((to, message, carriesNews), Is.EqualTo((view.Follower!.Value, new Ping(Address(0), 100, []), true)));
        Assert.That((asking.Due, answered.Due), Is.EqualTo((Start + Options.ProbeTimeout, Start + Options.ProbeInterval)));
    }

    [Test]
    public void Silence_has_three_others_try_and_is_then_a_missed_answer()
    {
        var view = ViewOf(others: 5);
        var asking = ProberOf(others: 5).StartProbe(view, NewStep());
        var helping = NewStep(asking.Due);

        var indirect = asking.CheckProbe(view, helping, out var early);
        var helped = indirect.OnNack(new Nack(Address(5), 100));
        var over = helped.CheckProbe(view, NewStep(Start + Options.ProbeInterval), out var missed);

        Assert.That(helping.Outgoing().Select(static sent => sent.Message.GetType()),
            Is.EqualTo(new[] { typeof(PingRequest), typeof(PingRequest), typeof(PingRequest), typeof(Ping) }));
        Assert.That(early, Is.Null);
        Assert.That((missed!.Address, missed.Reason, missed.Since), Is.EqualTo((view.Follower!.Value, "no answer, neither directly nor through 3 others", Start)));
        Assert.That((missed.InVain, over.HealthScore), Is.EqualTo((new[] { Address(5) }, 0)), "one helper that is heard says that this node hears");
    }

    [Test]
    public void Silence_of_the_helpers_too_makes_the_prober_slower()
    {
        var view = ViewOf(others: 5);
        var asking = ProberOf(others: 5).StartProbe(view, NewStep());

        var over = asking.CheckProbe(view, NewStep(asking.Due), out _).CheckProbe(view, NewStep(Start + Options.ProbeInterval), out _);
        var next = over.StartProbe(view, NewStep(Start + Options.ProbeInterval));

        Assert.That((over.HealthScore, next.NextProbe), Is.EqualTo((3, Start + (5 * Options.ProbeInterval))));
    }

    [Test]
    public void Each_node_is_called_once_in_each_round()
    {
        var (view, step, round) = (ViewOf(others: 20), NewStep(), ProberOf(others: 20).Round);

        var called = new List<Sparkish.Rpc.RpcAddress>();
        for (var i = 0; i < 40; i++)
        {
            (var target, round) = round.Next(view, step);
            called.Add(target!.Value);
        }

        Assert.That(called.Take(20), Is.EquivalentTo(view.Members.Keys));
        Assert.That(called.Skip(20), Is.EquivalentTo(view.Members.Keys).And.Not.EqualTo(called.Take(20)));
    }
}
