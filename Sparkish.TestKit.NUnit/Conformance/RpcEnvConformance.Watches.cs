using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Watches of other endpoints.</content>
public abstract partial class RpcEnvConformance
{
    [TestCase(false)]
    [TestCase(true)]
    public Task A_watcher_is_told_once_when_the_endpoint_stops(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var watched = Register(server, "e", () => new Witness(server) { Asked = (_, _, call) => call.Reply(true) });
        var there = client.RefTo(watched.Self);
        var probe = TestProbe.On(client);
        probe.Watch(there);
        probe.Watch(there);
        await SettleAsync(probe, there);

        server.Stop(watched.Self);

        Assert.That((await probe.ExpectTerminatedAsync(there)).Cause, Is.EqualTo(TerminationCause.Stopped));
        await probe.ExpectNoneAsync(Short);
    });

    [Test]
    public Task A_watcher_is_told_that_the_endpoint_stopped_when_its_env_is_disposed() => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote: true);
        var watched = Register(server, "e", () => new Witness(server) { Asked = (_, _, call) => call.Reply(true) });
        var there = client.RefTo(watched.Self);
        var probe = TestProbe.On(client);
        probe.Watch(there);
        await SettleAsync(probe, there);

        await server.DisposeAsync();

        Assert.That((await probe.ExpectTerminatedAsync(there)).Cause, Is.EqualTo(TerminationCause.Stopped));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task Watching_what_is_not_there_tells_at_once(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var nobody = client.RefTo(new RpcEndpointAddress(server.Address, "nobody"));
        var probe = TestProbe.On(client);

        probe.Watch(nobody);

        Assert.That((await probe.ExpectTerminatedAsync(nobody)).Cause, Is.EqualTo(TerminationCause.NotFound));
    });

    [Test]
    public Task A_watcher_is_told_when_the_node_is_gone() => CheckAsync(async () =>
    {
        var server = NewEnv("server", faulty: true);
        var client = NewEnv("client");
        var there = client.RefTo(Register(server, "e", () => new Witness(server) { Asked = (_, _, call) => call.Reply(true) }).Self);
        var probe = TestProbe.On(client);
        probe.Watch(there);
        await SettleAsync(probe, there);

        Kill(server);

        Assert.That((await probe.ExpectTerminatedAsync(there)).Cause, Is.EqualTo(TerminationCause.NodeGone));
    });

    [Test]
    public Task A_watcher_is_told_when_the_node_is_silent_for_too_long() => CheckAsync(RpcEnvFeature.SilentPeers, async () =>
    {
        var server = NewEnv("server", faulty: true);
        var client = NewEnv("client", faulty: true, conf: [("spark.rpc.io.keepAliveInterval", "100ms"), ("spark.rpc.io.keepAliveTimeout", "1s")]);
        var there = client.RefTo(Register(server, "e", () => new Witness(server) { Asked = (_, _, call) => call.Reply(true) }).Self);
        var probe = TestProbe.On(client);
        probe.Watch(there);
        await SettleAsync(probe, there);

        Cut(server, client);

        Assert.That((await probe.ExpectTerminatedAsync(there)).Cause, Is.EqualTo(TerminationCause.NodeGone));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task The_end_of_a_watched_endpoint_comes_after_all_that_it_sent(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var watched = Register(server, "e", () => new Witness(server)
        {
            Asked = (_, _, call) => call.Reply(true),
            Received = (me, message) =>
            {
                for (var i = 0; i < 100; i++) ((CallBack)message).Back.Send(i);
                me.Stop();
            },
            Stopping = me => { },
        });
        var there = client.RefTo(watched.Self);
        var probe = TestProbe.On(client);
        probe.Watch(there);
        await SettleAsync(probe, there);

        there.Send(new CallBack(probe.Self, "go"));

        Assert.That(await probe.ReceiveNAsync<int>(100), Is.EqualTo(Enumerable.Range(0, 100)));
        await probe.ExpectTerminatedAsync(there);
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task Who_ends_a_watch_is_not_told(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var watched = Register(server, "e", () => new Witness(server) { Asked = (_, _, call) => call.Reply(true) });
        var other = Register(server, "f", () => new Witness(server) { Asked = (_, _, call) => call.Reply(true) });
        var (there, also) = (client.RefTo(watched.Self), client.RefTo(other.Self));
        var probe = TestProbe.On(client);
        probe.Watch(there);
        probe.Watch(also);
        await SettleAsync(probe, there);
        probe.Unwatch(there);
        await SettleAsync(probe, also);

        server.Stop(watched.Self);
        server.Stop(other.Self);

        await probe.ExpectTerminatedAsync(also);
        await probe.ExpectNoneAsync(Short);
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task Watching_an_earlier_incarnation_tells_that_it_is_not_there(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var old = Register(server, "e");
        var oldRef = client.RefTo(old.Self);
        server.Stop(old.Self);
        await ExpectEventsAsync(old, "start", "stop");
        Register(server, "e");
        var probe = TestProbe.On(client);

        probe.Watch(oldRef);

        Assert.That((await probe.ExpectTerminatedAsync(oldRef)).Cause, Is.EqualTo(TerminationCause.NotFound));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task Watches_of_endpoints_on_one_node_are_taken_in_the_order_of_their_beginning(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        Witness[] watched = [.. Enumerable.Range(0, 20).Select(i => Register(server, $"e{i}"))];
        var probe = TestProbe.On(client);
        foreach (var witness in watched) probe.Watch(client.RefTo(witness.Self));
        await SettleAsync(probe, client.RefTo(watched[0].Self));

        foreach (var witness in watched) server.Stop(witness.Self);

        foreach (var _ in watched) Assert.That((await probe.ExpectAsync<EndpointTerminated>()).Cause, Is.EqualTo(TerminationCause.Stopped));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_look_up_after_the_end_of_a_watched_endpoint_does_not_find_it(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var watched = Register(server, "e");
        var there = client.RefTo(watched.Self);
        var probe = TestProbe.On(client);
        probe.Watch(there);
        await SettleAsync(probe, there);

        server.Stop(watched.Self);
        await probe.ExpectTerminatedAsync(there);

        await FailureOfAsync<EndpointNotFoundException>(client.SetupEndpointRefAsync(new RpcEndpointAddress(server.Address, "e")));
    });

    /// <summary>Completes when the watch is registered: an unknown endpoint of the same node was watched afterwards, and its termination has arrived.</summary>
    private static async Task SettleAsync(TestProbe probe, RpcEndpointRef there)
    {
        var nobody = probe.Env.RefTo(new RpcEndpointAddress(there.Address, "nobody"));
        probe.Watch(nobody);
        await probe.ExpectTerminatedAsync(nobody);
    }
}
