using FsCheck.Fluent;
using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using static Sparkish.Tests.Membership.SwimScene;

namespace Sparkish.Tests.Membership;

/// <summary>What is heard of members, of oneself, and of views.</summary>
internal sealed class SwimNewsTests
{
    [TestCase(MemberStatus.Up, 1, MemberStatus.Up, TestName = "The same again changes nothing")]
    [TestCase(MemberStatus.Suspected, 1, MemberStatus.Suspected, TestName = "A suspicion of the same incarnation overrides up")]
    [TestCase(MemberStatus.Down, 1, MemberStatus.Down, TestName = "Down overrides up of the same incarnation")]
    [TestCase(MemberStatus.Left, 1, MemberStatus.Left, TestName = "Left overrides up of the same incarnation")]
    [TestCase(MemberStatus.Suspected, 0, MemberStatus.Up, TestName = "A suspicion of an older incarnation is void")]
    [TestCase(MemberStatus.Down, 0, MemberStatus.Up, TestName = "A death of an older incarnation is void")]
    [TestCase(MemberStatus.Down, 2, MemberStatus.Down, TestName = "A death of a later incarnation counts, though that was never heard of")]
    public void News_of_a_member_that_is_up(MemberStatus status, long incarnation, MemberStatus expected)
    {
        var scene = new SwimScene(others: 5);

        scene.Hear(Rumor(2, status, incarnation));

        Assert.That(scene.Entry(2).Status, Is.EqualTo(expected));
    }

    [TestCase(MemberStatus.Up, 1, MemberStatus.Down, TestName = "Old good news does not raise the dead")]
    [TestCase(MemberStatus.Suspected, 1, MemberStatus.Down, TestName = "An old suspicion does not raise the dead")]
    [TestCase(MemberStatus.Left, 1, MemberStatus.Left, TestName = "One held for dead has in truth left")]
    [TestCase(MemberStatus.Up, 2, MemberStatus.Up, TestName = "One held for dead speaks for itself")]
    [TestCase(MemberStatus.Suspected, 2, MemberStatus.Suspected, TestName = "One held for dead spoke for itself, and is suspected again")]
    public void News_of_a_member_that_is_down(MemberStatus status, long incarnation, MemberStatus expected)
    {
        var scene = new SwimScene(others: 5);
        scene.Hear(Rumor(2, MemberStatus.Down));

        scene.Hear(Rumor(2, status, incarnation));

        Assert.That(scene.Entry(2).Status, Is.EqualTo(expected));
    }

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public FsCheck.Property Views_agree_whatever_the_order_of_the_news()
    {
        var rumor = Gen.Choose(0, 3).SelectMany(status => Gen.Choose(1, 4), (status, incarnation) => (status, incarnation)).SelectMany(
            pair => Gen.Choose(1, 3), (pair, index) => Rumor(index, (MemberStatus)pair.status, pair.incarnation, by: index + 10));
        var news = rumor.ArrayOf().SelectMany(all => Gen.Shuffle(all), (all, shuffled) => (all, shuffled));
        return Prop.ForAll(news.ToArbitrary(), pair =>
        {
            var (one, other) = (new SwimScene(others: 5), new SwimScene(others: 5));
            foreach (var heard in pair.all) one.Hear(heard);
            foreach (var heard in pair.shuffled) other.Hear(heard);
            return one.Node.View.Hash == other.Node.View.Hash && View(one).SequenceEqual(View(other));
        });

        static IEnumerable<(long, MemberStatus)> View(SwimScene scene) =>
            scene.Node.View.Members.Values.Select(static entry => (entry.Incarnation, entry.Status));
    }

    [Test]
    public void A_suspected_node_answers_the_call_with_a_higher_incarnation()
    {
        var scene = new SwimScene(others: 5);

        scene.Hear(new Ping(Address(3), 7, [Rumor(0, MemberStatus.Suspected)]));

        var ack = (Ack)scene.Sent.Single().Message;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ack.Rumors[0], Is.EqualTo(new MemberRumor(MemberOf(0), 2, MemberStatus.Up, Address(0))));
            Assert.That(scene.Node.View.Incarnation, Is.EqualTo(2));
            Assert.That(scene.Node.Prober.HealthScore, Is.EqualTo(1), "who is suspected may be slow itself");
        }
    }

    [Test]
    public void A_node_told_that_it_is_dead_says_so_to_its_own_and_speaks_for_itself()
    {
        var scene = new SwimScene(others: 5);

        scene.Hear(Rumor(0, MemberStatus.Down));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Events.Select(static change => (change.GetType(), change.Member)),
                Is.EqualTo(new[] { (typeof(MemberDown), MemberOf(0)), (typeof(MemberUp), MemberOf(0)) }));
            Assert.That(scene.Node.View.Incarnation, Is.EqualTo(2));
        }
    }

    [Test]
    public void A_node_that_restarts_outlives_news_of_its_earlier_life_even_if_its_clock_went_back()
    {
        var scene = new SwimScene(others: 5);

        scene.Hear(Rumor(0, MemberStatus.Down, incarnation: 50, uid: 77));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Node.View.Incarnation, Is.EqualTo(51));
            Assert.That(scene.Events, Is.Empty, "that was another process");
        }
    }

    [Test]
    public void Another_process_at_the_address_ends_the_one_before()
    {
        var scene = new SwimScene(others: 5);

        scene.Hear(Rumor(2, MemberStatus.Up, incarnation: 8, uid: 2));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Events.Select(static change => (change.GetType(), change.Member.Uid)),
                Is.EqualTo(new[] { (typeof(MemberDown), 1L), (typeof(MemberUp), 2L) }));
            Assert.That(scene.Node.View.Others, Is.EqualTo(5));
        }
    }

    [Test]
    public void All_that_another_node_knows_makes_a_node_that_it_holds_for_dead_only_suspected()
    {
        var scene = new SwimScene(others: 5);

        scene.Hear(new FullState(Address(3), IsAnswer: true, [Rumor(2, MemberStatus.Down, by: 3), Rumor(4, MemberStatus.Left)]));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Entry(2).Status, Is.EqualTo(MemberStatus.Suspected));
            Assert.That(scene.Entry(4).Status, Is.EqualTo(MemberStatus.Left));
            Assert.That(scene.Events.OfType<MemberSuspected>().Single().Reason, Is.EqualTo($"{Address(3)} considers it dead"));
        }
    }

    [Test]
    public void A_comparison_of_equal_views_is_answered_by_nothing_and_of_others_by_all_that_is_known()
    {
        var scene = new SwimScene(others: 5);
        scene.Run(TimeSpan.FromSeconds(30), silent: []);
        scene.Forget();

        scene.Hear(new Digest(Address(3), scene.Node.View.Hash));
        Assert.That(scene.Sent, Is.Empty);

        scene.Hear(new Digest(Address(3), scene.Node.View.Hash + 1));
        var (to, message) = scene.Sent.Single();
        Assert.That((to, message is FullState { IsAnswer: false, Rumors.Length: 6 }), Is.EqualTo((Address(3), true)));
    }

    [Test]
    public void All_that_is_known_is_answered_by_the_like_once()
    {
        var scene = new SwimScene(others: 5);

        scene.Hear(new FullState(Address(3), IsAnswer: false, []));
        scene.Hear(new FullState(Address(3), IsAnswer: true, []));

        Assert.That(scene.Sent.Select(static sent => sent.Message), Has.One.Matches<IToMembership>(static message => message is FullState { IsAnswer: true }));
    }

    [Test]
    public void Who_joins_does_not_pass_on_what_it_is_welcomed_with()
    {
        var scene = new SwimScene(others: 50);

        scene.Hear(new Ping(Address(3), 7, []));

        Assert.That(((Ack)scene.Sent.Single().Message).Rumors.Select(static rumor => rumor.Member), Is.EqualTo(new[] { MemberOf(0) }));
    }

    [Test]
    public void Who_leaves_tells_all_others_and_is_silent_afterwards()
    {
        var scene = new SwimScene(others: 20);

        scene.Leave();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Sent.Select(static sent => ((Ping)sent.Message).Rumors.Single()),
                Is.All.EqualTo(new MemberRumor(MemberOf(0), 1, MemberStatus.Left, Address(0))));
            Assert.That(scene.Sent.Select(static sent => sent.To).Distinct().Count(), Is.EqualTo(20));
            Assert.That(scene.Events.Single(), Is.EqualTo(new MemberLeft(MemberOf(0))));
            Assert.That(scene.Node.Due, Is.EqualTo(TimeSpan.MaxValue));
        }

        scene.Forget();
        scene.Hear(new Ping(Address(3), 7, []));
        Assert.That(scene.Sent, Is.Empty);
    }

    [Test]
    public void The_gone_are_forgotten_after_a_time_and_old_tombs_are_not_taken_over()
    {
        var options = new SwimOptions { ForgetAfter = TimeSpan.FromMinutes(1) };
        var scene = new SwimScene(others: 5, options);
        scene.Hear(Rumor(2, MemberStatus.Down));
        scene.Run(TimeSpan.FromSeconds(30), silent: [2]);
        scene.Forget();

        scene.Hear(new FullState(Address(3), IsAnswer: false, []));
        var told = ((FullState)scene.Sent.Single().Message).Rumors.Single(static rumor => rumor.Member.Address == Address(2));
        scene.Run(TimeSpan.FromSeconds(45), silent: [2]);
        Assert.That(scene.Node.View.Members.Keys, Does.Not.Contain(Address(2)));
        Assert.That(told.Age, Is.EqualTo(TimeSpan.FromSeconds(30)).Within(TimeSpan.FromSeconds(1)));

        scene.Hear(new FullState(Address(3), IsAnswer: true, [told with { Age = options.ForgetAfter }]));
        Assert.That(scene.Node.View.Members.Keys, Does.Not.Contain(Address(2)));

        scene.Hear(new FullState(Address(3), IsAnswer: true, [told]));
        scene.Run(TimeSpan.FromSeconds(45), silent: [2]);
        Assert.That(scene.Node.View.Members.Keys, Does.Not.Contain(Address(2)), "its age counts");
    }

    [Test]
    public void An_end_is_told_at_once_three_times_in_a_row_and_then_within_the_pause()
    {
        var scene = new SwimScene(others: 20);

        var bursts = new List<int>();
        for (var index = 1; index <= 4; index++)
        {
            scene.Forget();
            scene.Hear(Rumor(index, MemberStatus.Down));
            bursts.Add(scene.Sent.Count);
        }

        Assert.That(bursts, Is.EqualTo(new[] { 2, 2, 2, 0 }));
        scene.Forget();
        scene.Run(TimeSpan.FromSeconds(4.1), silent: [1, 2, 3, 4]);
        Assert.That(scene.Sent.Count(static sent => sent.Message is News), Is.EqualTo(2));
    }
}
