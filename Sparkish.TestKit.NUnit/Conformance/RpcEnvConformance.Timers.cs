namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Timers, and tasks whose results arrive as messages.</content>
public abstract partial class RpcEnvConformance
{
    [TestCase(false)]
    [TestCase(true)]
    public Task A_timer_sends_once_and_earlier_ones_first(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var probe = TestProbe.On(server);

        client.ScheduleOnce(Short * 2, client.RefTo(probe.Self), "second");
        client.ScheduleOnce(Short, client.RefTo(probe.Self), "first");

        await probe.ExpectAsync<string>(m => m == "first");
        await probe.ExpectAsync<string>(m => m == "second");
        await probe.ExpectNoneAsync(Short * 2);
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_repeating_timer_sends_until_it_is_disposed(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var probe = TestProbe.On(server);
        var there = client.RefTo(probe.Self);

        var timer = client.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.FromMilliseconds(5), there, "tick");
        await probe.ReceiveNAsync<string>(5);
        timer.Dispose();
        client.ScheduleOnce(Short, there, 0);
        while (await probe.ExpectAsync<object>() is string) { }

        await probe.ExpectNoneAsync(Short);
    });

    [Test]
    public Task A_disposed_timer_does_not_send() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var probe = TestProbe.On(env);

        env.ScheduleOnce(Short, probe.Self, "cancelled").Dispose();
        env.ScheduleOnce(Short * 2, probe.Self, "kept");

        await probe.ExpectAsync<string>(m => m == "kept");
    });

    [Test]
    public Task Timers_end_with_their_receiver() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var old = Register(env, "e");
        env.ScheduleRepeatedly(Short, Short, old.Self, "old");

        env.Stop(old.Self);
        await ExpectEventsAsync(old, "start", "stop");
        var probe = TestProbe.On(env, "e");
        env.ScheduleOnce(Short * 3, probe.Self, "fresh");

        await probe.ExpectAsync<string>(m => m == "fresh");
        Assert.That(old.Events.Count, Is.Zero);
    });

    [Test]
    public Task A_repeating_timer_never_has_two_messages_waiting() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var log = new EventLog<string>(env, "Ticks");
        IDisposable? timer = null;
        var witness = Register(env, "e", () => new Witness(env)
        {
            // Slower than the timer. While a tick is handled one more may wait, before the messages that the handler sends to itself; further ones would pile
            // up.
            Received = (me, message) =>
            {
                log.Add((string)message);
                if (message is not "tick") return;
                SpinWait.SpinUntil(static () => false, millisecondsTimeout: 3);
                me.Self.Send("behind");
            },
        });
        timer = env.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.FromTicks(1000), witness.Self, "tick");

        var ahead = 0;
        for (var i = 0; i < 40; i++)
        {
            ahead += await log.NextAsync() == "tick" ? 1 : -1;
            Assert.That(ahead, Is.InRange(0, 2));
        }

        timer.Dispose();
    });

    [Test]
    public Task PipeToSelf_turns_an_outcome_into_a_message() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var (good, bad) = (env.NewCompletion<int>(), env.NewCompletion<int>());
        var witness = Register(env, "e", () => new Witness(env)
        {
            Starting = me =>
            {
                me.PipeToSelf(good.Task, value => $"good {value}", error => $"bad {error.Message}");
                me.PipeToSelf(bad.Task, value => $"good {value}", error => $"bad {error.Message}");
            },
        });

        Assert.That(await witness.Events.NextAsync(), Is.EqualTo("start"));
        good.SetResult(1);
        Assert.That(await witness.Events.NextAsync(), Is.EqualTo("good 1"));
        bad.SetException(new InvalidOperationException("luck"));
        Assert.That(await witness.Events.NextAsync(), Is.EqualTo("bad luck"));
    });

    [Test]
    public Task PipeToSelf_tells_OnError_a_failure_that_nothing_is_made_of() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e", () => new Witness(env)
        {
            Starting = me => me.PipeToSelf(Task.FromException<int>(new InvalidOperationException("luck")), value => value),
        });

        await ExpectEventsAsync(witness, "start", "error luck");
    });
}
