using System.Collections.Immutable;
using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using static Sparkish.Tests.Membership.SwimScene;

namespace Sparkish.Tests.Membership;

/// <summary>Who answers, who does not, and what follows.</summary>
internal sealed class SwimSuspicionTests
{
    private static readonly SwimOptions Options = new();

    [TestCase(0, true, 7.0)]
    [TestCase(1, true, 5.25)]
    [TestCase(2, true, 4.23)]
    [TestCase(3, true, 3.5)]
    [TestCase(9, true, 3.5)]
    [TestCase(0, false, 10.5)]
    [TestCase(3, false, 5.25)]
    public void The_more_miss_a_node_the_sooner_it_is_given_up_and_later_by_those_who_only_heard_of_it(int confirmations, bool isOwn, double seconds)
    {
        var by = Enumerable.Range(0, confirmations + 1).Select(Address).ToImmutableHashSet();
        var suspicion = new Suspicion(TimeSpan.Zero, isOwn, by, [], "no answer");

        var (at, isEnd) = suspicion.Next(Options, groupSize: 100);

        Assert.That((Math.Round((at + (Suspicion.LastCallPause * Suspicion.AllLastCalls)).TotalSeconds, 2), isEnd), Is.EqualTo((seconds, false)));
    }

    [TestCase("spark.membership.probeTimeout", "600ms",
        "spark.membership.probeTimeout is 600 ms but must lie between 0 and spark.membership.probeInterval (600 ms).")]
    [TestCase("spark.membership.syncInterval", "0s", "spark.membership.syncInterval is 0 but must be positive: give a duration such as '10s'.")]
    public void Settings_that_make_no_sense_are_refused(string key, string value, string message) =>
        Assert.That(() => SwimOptions.From(new SparkConf().Set(key, value)), Throws.TypeOf<SparkException>().With.Message.EqualTo(message));

    [Test]
    public void A_silent_node_is_given_up_by_the_timeout_after_the_first_call_that_it_missed()
    {
        var scene = new SwimScene(others: 20);
        var first = FirstCall(scene, silent: [5]);

        scene.Run(TimeSpan.FromSeconds(10), silent: [5]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Events.Select(static change => change.GetType()), Is.EqualTo(new[] { typeof(MemberSuspected), typeof(MemberDown) }));
            Assert.That(((MemberSuspected)scene.Events[0]).Reason, Is.EqualTo("no answer, neither directly nor through 3 others"));
            Assert.That((scene.Entry(5).Since - first).TotalSeconds, Is.EqualTo(3.5).Within(0.006));
            Assert.That(scene.Entry(5).Reason, Does.StartWith("silent for 3.5 s: no answer, neither directly nor through 3 others, by n00000:7077, "));
        }
    }

    [Test]
    public void Without_others_that_miss_it_too_a_silent_node_has_twice_the_time()
    {
        var scene = new SwimScene(others: 20);
        var first = FirstCall(scene, silent: [5], nack: false);

        scene.Run(TimeSpan.FromSeconds(10), silent: [5], nack: false);

        // Its own later attempts do not count: only other nodes confirm.
        Assert.That((scene.Entry(5).Since - first).TotalSeconds, Is.EqualTo(7).Within(0.006));
    }

    [Test]
    public void Before_a_node_is_given_up_it_is_called_six_times_and_one_answer_is_enough()
    {
        var scene = new SwimScene(others: 20);
        FirstCall(scene, silent: [5]);
        scene.Run(TimeSpan.FromSeconds(3.3), silent: [5]);
        var calls = scene.Sent.Where(static sent => sent.To == Address(5) && sent.Message is Ping { Rumors: [{ Status: MemberStatus.Suspected }, ..] })
            .ToArray();

        scene.Hear(new Ack(Address(5), ((Ping)calls[^1].Message).Number, [Rumor(5, MemberStatus.Up, incarnation: 2)]));
        scene.Run(TimeSpan.FromSeconds(10), silent: []);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(calls, Has.Length.GreaterThanOrEqualTo(6));
            Assert.That(scene.Entry(5).Status, Is.EqualTo(MemberStatus.Up));
            Assert.That(scene.Events.Select(static change => change.GetType()), Is.EqualTo(new[] { typeof(MemberSuspected), typeof(MemberUp) }));
        }
    }

    [Test]
    public void A_node_refused_by_two_is_gone_at_once()
    {
        var scene = new SwimScene(others: 20);
        scene.Refuse(5);
        var asked = scene.Sent.Count(static sent => sent.Message is PingRequest { Number: 0 } request && request.Target == Address(5));

        scene.Hear(Rumor(5, MemberStatus.Suspected, by: 7, isRefused: true));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked, Is.EqualTo(2), "witnesses");
            Assert.That(scene.Events.OfType<MemberDown>().Single()
                .Reason, Is.EqualTo("its process is gone: it refuses connections, by n00000:7077, n00007:7077"));
        }
    }

    [Test]
    public void A_node_refused_by_one_alone_is_only_suspected()
    {
        var scene = new SwimScene(others: 20);

        scene.Refuse(5);
        scene.Refuse(5);
        scene.Hear(Rumor(5, MemberStatus.Suspected, by: 7));

        Assert.That(scene.Entry(5).Status, Is.EqualTo(MemberStatus.Suspected));
    }

    [Test]
    public void The_only_other_node_is_gone_when_it_refuses()
    {
        var scene = new SwimScene(others: 1);

        scene.Refuse(1);

        Assert.That(scene.Events.Select(static change => change.GetType()), Is.EqualTo(new[] { typeof(MemberSuspected), typeof(MemberDown) }));
    }

    [Test]
    public void A_node_whose_connection_ends_is_asked_soon_unless_it_is_known_to_be_gone_by_then()
    {
        var scene = new SwimScene(others: 20);
        scene.Disconnect(5);
        scene.Disconnect(6);

        scene.Hear(Rumor(6, MemberStatus.Down));
        scene.Run(TimeSpan.FromMilliseconds(50), silent: [5, 6]);

        Assert.That(scene.Sent.Where(static sent => sent.Message is Ping).Select(static sent => sent.To), Does.Contain(Address(5)).And.Not.Contain(Address(6)));
    }

    [Test]
    public void Who_is_asked_to_try_a_node_passes_its_answer_on_or_says_that_it_waited_in_vain()
    {
        var scene = new SwimScene(others: 20);
        scene.Hear(new PingRequest(Address(3), 41, Address(5), []));
        scene.Hear(new PingRequest(Address(4), 42, Address(6), []));
        var ping = (Ping)scene.Sent.Single(static sent => sent.To == Address(5)).Message;

        scene.Hear(new Ack(Address(5), ping.Number, []));
        scene.Run(TimeSpan.FromMilliseconds(300), silent: [5, 6]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Sent.Where(static sent => sent.To == Address(3))
                .Select(static sent => sent.Message), Is.EqualTo(new[] { new Ack(Address(0), 41, []) }));
            Assert.That(scene.Sent.Where(static sent => sent.To == Address(4)).Select(static sent => sent.Message), Has.One.EqualTo(new Nack(Address(0), 42)));
        }
    }

    [Test]
    public void Helpers_that_say_nothing_cast_doubt_on_the_asker_and_answers_restore_its_health()
    {
        var (sound, deaf) = (new SwimScene(others: 20), new SwimScene(others: 20));
        FirstCall(sound, silent: [5]);
        FirstCall(deaf, silent: [5], nack: false);

        sound.Run(TimeSpan.FromSeconds(0.6), silent: [5]);
        deaf.Run(TimeSpan.FromSeconds(0.6), silent: [5], nack: false);
        Assert.That((sound.Node.Prober.HealthScore, deaf.Node.Prober.HealthScore), Is.EqualTo((0, 2)), "three helpers, and one answer since");

        deaf.Hear(Rumor(5, MemberStatus.Up, incarnation: 2));
        deaf.Run(TimeSpan.FromSeconds(20), silent: []);
        Assert.That(deaf.Node.Prober.HealthScore, Is.Zero);
    }

    [Test]
    public void A_node_in_bad_health_asks_less_often_and_waits_longer()
    {
        var scene = new SwimScene(others: 20);
        for (var incarnation = 1; incarnation <= 3; incarnation++) scene.Hear(Rumor(0, MemberStatus.Suspected, incarnation));
        scene.Run(TimeSpan.FromSeconds(0.6), silent: Enumerable.Range(1, 20).ToArray());

        scene.Forget();
        scene.Run(TimeSpan.FromSeconds(0.6), silent: Enumerable.Range(1, 20).ToArray());

        Assert.That((scene.Node.Prober.HealthScore, scene.Sent.Count(static sent => sent.Message is Ping or PingRequest)),
            Is.EqualTo((3, 0)), "the wait for a direct answer is four times as long");
    }

    [Test]
    public void A_node_that_stood_still_blames_nobody_and_counts_its_pause_once()
    {
        var scene = new SwimScene(others: 20);
        scene.Hear(Rumor(5, MemberStatus.Suspected, by: 7));
        FirstCall(scene, silent: [6]);
        scene.Forget();

        scene.Stall(TimeSpan.FromMinutes(1));
        for (var number = 0; number < 5; number++) scene.Hear(new Ping(Address(3), number, []));
        scene.Advance();
        scene.Hear(Rumor(5, MemberStatus.Up, incarnation: 2));
        scene.Run(TimeSpan.FromSeconds(1), silent: []);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Events.Select(static change => change.GetType()), Is.EqualTo(new[] { typeof(MemberUp) }));
            Assert.That(scene.Node.Prober.HealthScore, Is.LessThanOrEqualTo(1));
        }
    }

    [Test]
    public void Every_other_call_goes_to_the_follower_and_past_it_while_it_is_suspected()
    {
        var scene = new SwimScene(others: 20);
        scene.Run(TimeSpan.FromSeconds(60), silent: []);
        var calls = scene.Sent.Where(static sent => sent.Message is Ping).Select(static sent => sent.To).ToArray();
        var follower = calls.GroupBy(static to => to).MaxBy(static group => group.Count())!;

        scene.Hear(new News(Address(9), [new MemberRumor(scene.Node.View.Members[follower.Key].Member, 1, MemberStatus.Suspected, Address(9), "no answer")]));
        scene.Forget();
        scene.Run(TimeSpan.FromSeconds(3), silent: []);
        var next = scene.Sent.Where(static sent => sent.Message is Ping).GroupBy(static sent => sent.To).MaxBy(static group => group.Count())!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(follower.Count(), Is.GreaterThanOrEqualTo(calls.Length / 2));
            Assert.That(calls.Distinct().Count(), Is.EqualTo(20), "the others are asked by chance, each in each round");
            Assert.That(next.Key, Is.Not.EqualTo(follower.Key));
        }
    }

    /// <summary>Runs until the silent node is called first.</summary>
    private static TimeSpan FirstCall(SwimScene scene, int[] silent, bool nack = true)
    {
        for (var step = 0; step < 10_000; step++)
        {
            scene.Forget();
            scene.Run(TimeSpan.FromMilliseconds(5), silent, nack);
            if (scene.Sent.Any(sent => sent.To == Address(silent[0]))) return scene.Now;
        }

        throw new InvalidOperationException($"node {silent[0]} was never called.");
    }
}
