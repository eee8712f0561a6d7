using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Connections, and the end of an env.</content>
public abstract partial class RpcEnvConformance
{
    [Test]
    public Task Both_sides_are_told_of_a_connection_and_of_its_end() => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote: true);
        var (there, here) = (Network(server), Network(client));
        Register(server, "e");

        await client.SetupEndpointRefAsync(new RpcEndpointAddress(server.Address, "e"));
        Assert.That((await there.NextAsync(), await here.NextAsync()), Is.EqualTo(($"connected {client.Address}", $"connected {server.Address}")));
        await server.DisposeAsync();

        Assert.That(await here.NextAsync(), Is.EqualTo($"disconnected {server.Address}"));
    });

    [Test]
    public Task A_killed_peer_is_told_of_and_its_asks_fail() => CheckAsync(async () =>
    {
        var server = NewEnv("server", faulty: true);
        var client = NewEnv("client");
        var probe = TestProbe.On(server);
        var here = Network(client);

        var ask = client.RefTo(probe.Self).AskAsync<int>("?").AsTask();
        await probe.ExpectAskAsync<string>();
        Kill(server);

        await FailureOfAsync<RpcConnectionException>(ask);
        Assert.That((await here.NextAsync(), await here.NextAsync()), Is.EqualTo(($"connected {server.Address}", $"disconnected {server.Address}")));
    });

    [Test]
    public Task A_silent_peer_is_taken_for_gone_and_its_asks_fail() => CheckAsync(RpcEnvFeature.SilentPeers, async () =>
    {
        var server = NewEnv("server", faulty: true);
        var client = NewEnv("client", faulty: true, conf: [("spark.rpc.io.keepAliveInterval", "100ms"), ("spark.rpc.io.keepAliveTimeout", "1s")]);
        var probe = TestProbe.On(server);

        var ask = client.RefTo(probe.Self).AskAsync<int>("?").AsTask();
        await probe.ExpectAskAsync<string>();
        Cut(server, client);

        var error = await FailureOfAsync<RpcConnectionException>(ask);
        Assert.That(error.Message, Does.Contain("spark.rpc.io.keepAliveTimeout"));
    });

    [Test]
    public Task An_ask_of_a_node_that_cannot_be_reached_fails_and_all_endpoints_are_told() => CheckAsync(async () =>
    {
        var client = NewEnv("client");
        var gone = NewEnv("gone");
        await gone.DisposeAsync();
        var here = Network(client);
        var nobody = client.RefTo(new RpcEndpointAddress(gone.Address, "e"));

        Assert.That(() => nobody.Send("lost"), Throws.Nothing);
        await FailureOfAsync<RpcConnectionException>(nobody.AskAsync<int>("?", Timeout.InfiniteTimeSpan).AsTask());

        Assert.That(await here.NextAsync(), Is.EqualTo($"error {gone.Address}"));
    });

    [Test]
    public Task Envs_that_dial_each_other_at_once_lose_nothing_and_keep_the_order() => CheckAsync(async () =>
    {
        var (a, b) = (NewEnv("a"), NewEnv("b"));
        var (onA, onB) = (TestProbe.On(a), TestProbe.On(b));

        await Task.WhenAll(
            InBackgroundAsync(a, () => SendNumbers(a.RefTo(onB.Self))),
            InBackgroundAsync(b, () => SendNumbers(b.RefTo(onA.Self))));

        Assert.That(await onA.ReceiveNAsync<int>(100), Is.EqualTo(Enumerable.Range(0, 100)));
        Assert.That(await onB.ReceiveNAsync<int>(100), Is.EqualTo(Enumerable.Range(0, 100)));
    });

    [Test]
    public Task An_env_that_does_not_listen_asks_and_is_asked_back_through_its_ref() => CheckAsync(RpcEnvFeature.NotListening, async () =>
    {
        var server = NewEnv("server");
        var client = NewEnv("client", with: options => options with { Listen = false });
        var there = client.RefTo(Register(server, "e", () => new Witness(server)
        {
            Asked = (_, message, call) => call.Reply(message),
            Received = (_, message) => CallBackNow(message),
        }).Self);
        var probe = TestProbe.On(client);

        Assert.That((client.Address.Port, await there.AskAsync<int>(1)), Is.EqualTo((0, 1)));
        there.Send(new CallBack(probe.Self, "back"));
        await probe.ExpectAsync<string>(m => m == "back");
        var asked = server.RefTo(probe.Self).AskAsync<int>("?").AsTask();
        (await probe.ExpectAskAsync<string>()).Reply(5);

        Assert.That(await asked, Is.EqualTo(5));
    });

    [Test]
    public Task An_env_that_does_not_listen_cannot_be_dialled() => CheckAsync(RpcEnvFeature.NotListening, async () =>
    {
        var client = NewEnv("client", with: options => options with { Listen = false });
        var other = NewEnv("other");
        var probe = TestProbe.On(client);

        var error = await FailureOfAsync<RpcConnectionException>(other.RefTo(probe.Self).AskAsync<int>("?").AsTask());

        Assert.That(error.Message, Does.Contain("does not listen"));
    });

    [Test]
    public Task Disposing_an_env_handles_what_has_arrived_and_stops_its_endpoints_once() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e");
        for (var i = 0; i < 100; i++) witness.Self.Send(i);

        await env.DisposeAsync();
        await env.DisposeAsync();

        await ExpectEventsAsync(witness, [.. Enumerable.Range(0, 100).Cast<object>().Prepend("start").Append("stop")]);
        Assert.That((witness.Events.Count, env.Termination.IsCompletedSuccessfully), Is.EqualTo((0, true)));
    });

    [Test]
    public Task Disposing_an_env_sends_what_was_sent_before() => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote: true);
        var probe = TestProbe.On(server);

        SendNumbers(client.RefTo(probe.Self));
        await client.DisposeAsync();

        Assert.That(await probe.ReceiveNAsync<int>(100), Is.EqualTo(Enumerable.Range(0, 100)));
    });

    [Test]
    public Task A_disposed_env_refuses_endpoints_and_asks_and_drops_messages() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var self = Register(env, "e").Self;

        await env.DisposeAsync();

        Assert.That(() => env.SetupEndpoint("f", new Witness(env)), Throws.InstanceOf<RpcEnvStoppedException>());
        Assert.That(() => self.Send(1), Throws.Nothing);
        await FailureOfAsync<RpcEnvStoppedException>(self.AskAsync<int>("?").AsTask());
        await FailureOfAsync<SparkException>(env.RefTo(new RpcEndpointAddress(new RpcAddress("127.0.0.1", 1), "e")).AskAsync<int>("?").AsTask());
    });

    [Test]
    public Task A_handler_may_start_the_end_of_its_env() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e", () => new Witness(env) { Received = (me, message) => _ = env.DisposeAsync().AsTask() });

        witness.Self.Send("end");
        await env.Termination;

        await ExpectEventsAsync(witness, "start", "end", "stop");
    });

    private static EventLog<string> Network(RpcEnv env)
    {
        var witness = new NetworkWitness(env);
        env.SetupEndpoint("network", witness);
        return witness.Events;
    }

    private static void SendNumbers(RpcEndpointRef receiver)
    {
        for (var i = 0; i < 100; i++) receiver.Send(i);
    }
}
