using Sparkish.Rpc;
using Sparkish.TestKit;

namespace Sparkish.Tests.TestKit;

internal sealed class TestProbeTests
{
    [Test]
    public async Task What_does_not_come_in_time_is_told_with_all_that_was_seen()
    {
        var clock = new ManualClock();
        await using var env = TestEnvs.Local(time: clock);
        var probe = TestProbe.On(env, "p");
        probe.Self.Send("one");
        await probe.ExpectAsync<string>();

        var expected = probe.ExpectAsync<int>(timeout: TimeSpan.FromSeconds(3));
        await clock.WhenTimerArmedAsync(TimeSpan.FromSeconds(3));
        clock.Advance(TimeSpan.FromSeconds(3));

        var error = Assert.ThrowsAsync<TestKitException>(() => expected);
        Assert.That(error!.Message, Is.EqualTo("Probe 'p' waited 00:00:03 for Int32, and nothing arrived. It has seen, in order: one."));
    }

    [Test]
    public async Task Something_else_than_expected_is_told()
    {
        await using var env = TestEnvs.Local();
        var probe = TestProbe.On(env);
        probe.Self.Send("one");
        probe.Self.Send(2);

        var type = Assert.ThrowsAsync<TestKitException>(() => probe.ExpectAsync<int>());
        var value = Assert.ThrowsAsync<TestKitException>(() => probe.ExpectAsync<int>(n => n == 3));

        Assert.That(type!.Message, Does.Contain("expected Int32 but got one"));
        Assert.That(value!.Message, Does.Contain("got 2, which is a Int32 but not the one"));
    }

    [Test]
    public async Task Fishing_passes_over_what_does_not_fit()
    {
        await using var env = TestEnvs.Local();
        var probe = TestProbe.On(env);
        foreach (var message in new object[] { "a", 1, "b", 2, 3 }) probe.Self.Send(message);

        Assert.That(await probe.FishForAsync<int>(n => n > 1), Is.EqualTo(2));
        Assert.That(await probe.ExpectAsync<int>(), Is.EqualTo(3));
    }

    [Test]
    public async Task Nothing_expected_fails_when_something_comes()
    {
        await using var env = TestEnvs.Local();
        var probe = TestProbe.On(env);
        probe.Self.Send("surprise");

        var error = Assert.ThrowsAsync<TestKitException>(() => probe.ExpectNoneAsync(TimeSpan.FromSeconds(30)));

        Assert.That(error!.Message, Does.Contain("expected nothing for 00:00:30 but got surprise"));
    }

    [Test]
    public async Task A_question_is_answered_by_the_test_or_by_the_auto_pilot()
    {
        await using var env = TestEnvs.Local();
        var probe = TestProbe.On(env);
        var asked = probe.Self.AskAsync<int>("?").AsTask();
        await probe.ExpectAskAsync<string>();
        Assert.That(probe.LastSender, Is.EqualTo(env.Address));
        probe.Reply(1);

        probe.SetAutoPilot((_, call) =>
        {
            call?.Reply(2);
            return false;
        });

        Assert.That((await asked, await probe.Self.AskAsync<int>("?")), Is.EqualTo((1, 2)));
        await probe.ExpectAskAsync<string>();
        Assert.ThrowsAsync<RpcTimeoutException>(() => probe.Self.AskAsync<int>("?", TimeSpan.FromMilliseconds(1)).AsTask());
    }

    [Test]
    public async Task A_probe_sends_and_watches()
    {
        await using var env = TestEnvs.Local();
        var (probe, other) = (TestProbe.On(env), TestProbe.On(env));
        probe.Watch(other.Self);

        probe.Send(other.Self, "hello");
        await other.ExpectAsync<string>(m => m == "hello");
        other.Stop();

        Assert.That((await probe.ExpectTerminatedAsync(other.Self)).Endpoint, Is.EqualTo(other.Self));
    }
}
