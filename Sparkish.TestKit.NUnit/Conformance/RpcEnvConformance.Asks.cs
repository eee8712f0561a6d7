using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Asks and replies.</content>
public abstract partial class RpcEnvConformance
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [TestCase(false)]
    [TestCase(true)]
    public Task Each_of_many_asks_gets_its_own_answer(bool remote) => CheckAsync(async () =>
    {
        var there = Answering(remote, (message, call) => call.Reply(message));

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => there.AskAsync<int>(i).AsTask()));

        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, 200)));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task An_ask_may_be_answered_later_and_from_elsewhere(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var probe = TestProbe.On(server);

        var ask = client.RefTo(probe.Self).AskAsync<string>("?").AsTask();
        var question = await probe.ExpectAskAsync<string>();
        await InBackgroundAsync(server, () => question.Reply("late"));

        Assert.That(await ask, Is.EqualTo("late"));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_question_is_answered_only_once(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(server, "e", () => new Witness(server)
        {
            Asked = (_, _, call) =>
            {
                call.Reply(1);
                call.Reply(2);
            },
        });

        Assert.That(await client.RefTo(witness.Self).AskAsync<int>("?"), Is.EqualTo(1));
        Assert.That(await witness.Events.NextAsync(), Is.EqualTo("start"));
        Assert.That(await witness.Events.NextAsync(), Does.StartWith("error ").And.Contain("already answered"));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_reply_of_the_wrong_type_fails_the_ask(bool remote) => CheckAsync(async () =>
    {
        var there = Answering(remote, (_, call) => call.Reply("text"));

        var error = await FailureOfAsync<SparkException>(there.AskAsync<int>("?").AsTask());

        Assert.That(error.Message, Does.Contain("System.String").And.Contain("System.Int32"));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_reply_may_be_null(bool remote) => CheckAsync(async () =>
    {
        var there = Answering(remote, (_, call) => call.Reply(null));

        Assert.That(await there.AskAsync<string?>("?"), Is.Null);
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task An_ask_without_an_answer_times_out_and_names_the_key(bool remote) => CheckAsync(async () =>
    {
        var there = Answering(remote, (_, _) => { }, ("spark.rpc.askTimeout", "50ms"));

        var error = await FailureOfAsync<RpcTimeoutException>(there.AskAsync<int>("?").AsTask());

        Assert.That(error.Message, Is.EqualTo($"Cannot receive any reply from {there} in 50ms. This timeout is controlled by spark.rpc.askTimeout"));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task An_ask_times_out_after_the_time_that_was_given(bool remote) => CheckAsync(async () =>
    {
        var there = Answering(remote, (_, _) => { });

        var error = await FailureOfAsync<RpcTimeoutException>(there.AskAsync<int>("?", Short).AsTask());

        Assert.That(error.Message, Does.Contain("in 50ms").And.Not.Contain("spark."));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_cancelled_ask_is_given_up(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var probe = TestProbe.On(server);
        using var cancellation = new CancellationTokenSource();

        var ask = client.RefTo(probe.Self).AskAsync<int>("?", cancellationToken: cancellation.Token).AsTask();
        await probe.ExpectAskAsync<string>();
        cancellation.Cancel();

        var error = await FailureOfAsync<OperationCanceledException>(ask);
        Assert.That(error.CancellationToken, Is.EqualTo(cancellation.Token));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_late_reply_is_ignored_and_meets_no_other_ask(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var probe = TestProbe.On(server);
        var there = client.RefTo(probe.Self);

        await FailureOfAsync<RpcTimeoutException>(there.AskAsync<string>("first", Short).AsTask());
        var first = await probe.ExpectAskAsync<string>();
        var second = there.AskAsync<string>("second").AsTask();
        var next = await probe.ExpectAskAsync<string>();
        await InBackgroundAsync(server, () => first.Reply("late"));
        await InBackgroundAsync(server, () => next.Reply("in time"));

        Assert.That(await second, Is.EqualTo("in time"));
    });

    [Test]
    public Task A_reply_to_an_asker_that_has_left_is_harmless() => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote: true);
        var network = new NetworkWitness(server);
        server.SetupEndpoint("network", network);
        var probe = TestProbe.On(server);

        var ask = client.RefTo(probe.Self).AskAsync<string>("?").AsTask();
        var question = await probe.ExpectAskAsync<string>();
        await client.DisposeAsync();
        await FailureOfAsync<SparkException>(ask);
        Assert.That((await network.Events.NextAsync(), await network.Events.NextAsync()),
            Is.EqualTo(($"connected {client.Address}", $"disconnected {client.Address}")));

        Assert.That(() => question.Reply("too late"), Throws.Nothing);
    });

    [Test]
    public Task A_failing_handler_fails_a_local_ask_with_its_very_exception() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var failure = new InvalidOperationException("boom");
        var witness = Register(env, "e", () => new Witness(env) { Asked = (_, _, _) => throw failure });

        var seen = await FailureOfAsync<InvalidOperationException>(witness.Self.AskAsync<int>("?").AsTask());

        Assert.That(seen, Is.SameAs(failure));
        await ExpectEventsAsync(witness, "start", "error boom");
    });

    [Test]
    public Task A_failing_handler_fails_a_remote_ask_with_a_description() => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote: true);
        var witness = Register(server, "e", () => new Witness(server) { Asked = (_, _, _) => throw new InvalidOperationException("boom") });

        var error = await FailureOfAsync<RpcRemoteException>(client.RefTo(witness.Self).AskAsync<int>("?").AsTask());

        Assert.That((error.RemoteType, error.Message), Is.EqualTo(("System.InvalidOperationException", "boom")));
        Assert.That(error.RemoteStackTrace, Does.Contain("Witness"));
        await ExpectEventsAsync(witness, "start", "error boom");
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_question_may_be_answered_with_a_failure(bool remote) => CheckAsync(async () =>
    {
        var there = Answering(remote, (_, call) => call.SendFailure(new TimeoutException("no luck")));

        var error = await FailureOfAsync<Exception>(there.AskAsync<int>("?").AsTask());

        Assert.That(error.Message, Is.EqualTo("no luck"));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_question_that_no_case_handles_fails_the_ask(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(server, "e");

        var error = await FailureOfAsync<SparkException>(client.RefTo(witness.Self).AskAsync<int>("?").AsTask());

        Assert.That(error.Message, Is.EqualTo("e does not handle String."));
        await ExpectEventsAsync(witness, "start", "error e does not handle String.");
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task An_ask_of_an_endpoint_that_is_not_there_fails_at_once(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var nobody = new RpcEndpointAddress(server.Address, "nobody");

        var error = await FailureOfAsync<EndpointNotFoundException>(client.RefTo(nobody).AskAsync<int>("?", Timeout.InfiniteTimeSpan).AsTask());

        Assert.That(error.Endpoint, Is.EqualTo(nobody));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task An_ask_of_an_endpoint_that_has_stopped_fails_at_once(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(server, "e", () => new Witness(server) { Asked = (_, message, call) => call.Reply(message) });
        var there = client.RefTo(witness.Self);

        await there.AskAsync<int>(1);
        server.Stop(witness.Self);

        await FailureOfAsync<EndpointNotFoundException>(there.AskAsync<int>(2, Timeout.InfiniteTimeSpan).AsTask());
    });

    [Test]
    public Task An_ask_that_races_with_the_stop_is_answered_or_told_that_the_endpoint_is_gone() => CheckAsync(async () =>
    {
        var env = NewEnv();
        for (var round = 0; round < 100; round++)
        {
            var witness = Register(env, "e", () => new Witness(env) { Asked = (_, message, call) => call.Reply(message) });
            var asks = new List<Task<int>>();
            var asking = InBackgroundAsync(env, () => asks.AddRange(Enumerable.Range(0, 20).Select(i => witness.Self.AskAsync<int>(i).AsTask())));
            env.Stop(witness.Self);
            await asking;
            await ((Task)Task.WhenAll(asks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            Assert.That(asks, Is.All.Matches<Task<int>>(ask => ask.IsCompletedSuccessfully || ask.Exception!.InnerException is EndpointNotFoundException));
        }
    });

    [Test]
    public Task A_call_tells_where_the_question_came_from() => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote: true);
        var witness = Register(server, "e", () => new Witness(server) { Asked = (_, _, call) => call.Reply(call.SenderAddress.ToString()) });

        Assert.That(await client.RefTo(witness.Self).AskAsync<string>("?"), Is.EqualTo(client.Address.ToString()));
        Assert.That(await witness.Self.AskAsync<string>("?"), Is.EqualTo(server.Address.ToString()));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task AskSync_waits_for_the_answer(bool remote) => CheckAsync(() =>
    {
        var there = Answering(remote, (message, call) => call.Reply(message));

        Assert.That(there.AskSync<int>(7), Is.EqualTo(7));
        return Task.CompletedTask;
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task AskSync_inside_a_handler_is_refused(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var there = server.SetupEndpoint("echo", new IsolatedWitness(server));
        var witness = Register(client, "e", () => new Witness(client) { Received = (_, _) => client.RefTo(there).AskSync<int>(1) });

        witness.Self.Send("ask");

        Assert.That(await witness.Events.NextAsync(), Is.EqualTo("start"));
        Assert.That(await witness.Events.NextAsync(), Does.StartWith("error AskSync inside a handler").And.Contain("PipeToSelf"));
    });

    private RpcEndpointRef Answering(bool remote, Action<object, RpcCallContext> answer, params (string Key, string Value)[] clientConf)
    {
        var (server, client) = NewPair(remote, clientConf);
        return client.RefTo(Register(server, "e", () => new Witness(server) { Asked = (_, message, call) => answer(message, call) }).Self);
    }
}
