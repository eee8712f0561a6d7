using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Every ask completes, and every timeout is validated by the call that receives it.</content>
public abstract partial class RpcEnvConformance
{
    private static readonly TimeSpan Years = TimeSpan.FromDays(1000);

    [TestCase(false)]
    [TestCase(true)]
    public Task Asks_that_wait_fail_when_their_env_is_disposed(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var calls = new List<RpcCallContext>();
        var gate = Register(server, "gate", () => new Witness(server) { Asked = (me, message, call) => { calls.Add(call); me.Events.Add(message); } });
        TimeSpan?[] timeouts = [null, TimeSpan.FromMinutes(1), Years, TimeSpan.MaxValue, Timeout.InfiniteTimeSpan];

        var asked = timeouts.Select(timeout => client.RefTo(gate.Self).AskAsync<int>(new Text("may I?", 1), timeout).AsTask()).ToList();
        Assert.That(await gate.Events.NextAsync(), Is.EqualTo("start"));
        foreach (var _ in timeouts) await gate.Events.NextAsync();
        await client.DisposeAsync();

        foreach (var ask in asked) await FailureOfAsync<RpcEnvStoppedException>(ask);
        foreach (var call in calls) call.Reply(1); // late, and so ignored
    });

    [Test]
    public Task An_ask_after_its_env_is_disposed_fails() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e");

        await env.DisposeAsync();

        await FailureOfAsync<RpcEnvStoppedException>(witness.Self.AskAsync<int>("late", Timeout.InfiniteTimeSpan).AsTask());
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_call_that_a_stopped_endpoint_kept_can_still_be_answered(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        RpcCallContext kept = default;
        var witness = Register(server, "e", () => new Witness(server) { Asked = (me, message, call) => { kept = call; me.Events.Add(message); } });
        var asked = client.RefTo(witness.Self).AskAsync<int>(new Text("later", 1)).AsTask();
        await ExpectEventsAsync(witness, "start", new Text("later", 1));

        server.Stop(witness.Self);
        await ExpectEventsAsync(witness, "stop");
        kept.Reply(7);

        Assert.That(await asked, Is.EqualTo(7));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task Asks_that_end_with_their_env_have_an_exception_each(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var there = client.RefTo(Register(server, "e", () => new Witness(server) { Asked = (_, _, _) => { } }).Self);
        Task[] asked = [.. Enumerable.Range(0, 3).Select(i => there.AskAsync<int>(new Text("never", i), Timeout.InfiniteTimeSpan).AsTask())];

        await server.DisposeAsync();

        var failures = new HashSet<Exception>(ReferenceEqualityComparer.Instance);
        foreach (var ask in asked) failures.Add(await FailureOfAsync<SparkException>(ask));
        Assert.That(failures, Has.Count.EqualTo(asked.Length), "One that is thrown at all askers collects the stacks of all.");
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_timeout_that_is_zero_or_negative_is_over_at_once_and_nothing_is_asked(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(server, "e", () => new Witness(server) { Asked = (me, message, call) => { me.Events.Add(message); call.Reply(1); } });
        var there = client.RefTo(witness.Self);

        foreach (var seconds in new[] { 0, 0, -5, -5 })
            await FailureOfAsync<RpcTimeoutException>(there.AskAsync<int>(new Text("over", seconds), TimeSpan.FromSeconds(seconds)).AsTask());
        await there.AskAsync<int>(new Text("one", 1));

        await ExpectEventsAsync(witness, "start", new Text("one", 1));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task An_ask_whose_token_is_cancelled_already_asks_nothing(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(server, "e", () => new Witness(server) { Asked = (me, message, call) => { me.Events.Add(message); call.Reply(1); } });
        var there = client.RefTo(witness.Self);

        await FailureOfAsync<OperationCanceledException>(there.AskAsync<int>(new Text("cancelled", 1), null, new CancellationToken(true)).AsTask());
        await there.AskAsync<int>(new Text("one", 1));

        await ExpectEventsAsync(witness, "start", new Text("one", 1));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_timeout_of_years_is_waited_for(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote, ("spark.rpc.askTimeout", "1000d"));
        var witness = Register(server, "e", () => new Witness(server) { Asked = (_, _, call) => call.Reply(1) });
        var there = client.RefTo(witness.Self);

        Assert.That(await there.AskAsync<int>(new Text("usual", 1)), Is.EqualTo(1));
        for (var i = 0; i < 2; i++) Assert.That(await there.AskAsync<int>(new Text("given", 1), Years + TimeSpan.FromDays(1)), Is.EqualTo(1));
    });

    [Test]
    public Task A_negative_delay_is_refused_and_one_of_years_is_waited_for() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var probe = TestProbe.On(env);

        for (var i = 0; i < 2; i++)
        {
            Assert.That(() => env.ScheduleOnce(TimeSpan.FromSeconds(-1), probe.Self, "never"), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => env.ScheduleRepeatedly(TimeSpan.FromSeconds(-1), Short, probe.Self, "never"), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => env.ScheduleRepeatedly(Short, TimeSpan.Zero, probe.Self, "never"), Throws.InstanceOf<ArgumentOutOfRangeException>());
        }

        using var late = env.ScheduleOnce(Years, probe.Self, "late");
        using var later = env.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.MaxValue, probe.Self, "first of two");
        await probe.ExpectAsync<string>(m => m == "first of two");
        await probe.ExpectNoneAsync(Short);
    });
}
