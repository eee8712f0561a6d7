using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Refs and incarnations.</content>
public abstract partial class RpcEnvConformance
{
    [TestCase(false)]
    [TestCase(true)]
    public Task A_ref_to_a_stopped_endpoint_does_not_reach_its_successor_but_one_by_name_does(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var old = Register(server, "e");
        var oldRef = client.RefTo(old.Self);
        server.Stop(old.Self);
        var fresh = Register(server, "e", () => new Witness(server) { Asked = (_, _, call) => call.Reply("fresh") });
        var byName = client.RefTo(new RpcEndpointAddress(server.Address, "e"));

        oldRef.Send("to the old one");
        byName.Send("to any");

        await FailureOfAsync<EndpointNotFoundException>(oldRef.AskAsync<string>("?").AsTask());
        Assert.That(await byName.AskAsync<string>("?"), Is.EqualTo("fresh"));
        Assert.That((oldRef.Equals(client.RefTo(fresh.Self)), byName.Incarnation), Is.EqualTo((false, 0L)));
        await ExpectEventsAsync(fresh, "start", "to any");
    });

    [Test]
    public Task A_ref_does_not_reach_an_env_that_came_back_at_the_same_address() => CheckAsync(async () =>
    {
        var client = NewEnv("client", conf: [("spark.rpc.io.reconnect.minPause", "1ms"), ("spark.rpc.io.reconnect.maxPause", "10ms")]);
        var first = NewEnv("server");
        var address = first.Address;
        var oldRef = client.RefTo(Register(first, "e", () => new Witness(first) { Asked = (_, _, call) => call.Reply(1) }).Self);
        Assert.That(await oldRef.AskAsync<int>("?"), Is.EqualTo(1));

        await first.DisposeAsync();
        var second = NewEnv("server", with: options => options with { Port = address.Port });
        var fresh = Register(second, "e", () => new Witness(second) { Asked = (_, _, call) => call.Reply(2) });
        await AwaitAnswerAsync(client, new RpcEndpointAddress(address, "e"));

        Assert.That(second.Address, Is.EqualTo(address));
        Assert.That(second.Incarnation, Is.Not.EqualTo(first.Incarnation));
        await FailureOfAsync<EndpointNotFoundException>(oldRef.AskAsync<int>("?").AsTask());
        Assert.That(await client.RefTo(fresh.Self).AskAsync<int>("?"), Is.EqualTo(2));
    });

    [Test]
    public Task A_ref_inside_a_message_works_on_arrival() => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote: true);
        var there = client.RefTo(Register(server, "e", () => new Witness(server) { Received = (_, message) => CallBackNow(message) }).Self);
        var probe = TestProbe.On(client);

        there.Send(new CallBack(probe.Self, "hello"));

        await probe.ExpectAsync<string>(m => m == "hello");
    });

    [Test]
    public Task A_ref_that_is_handed_on_works_on_a_third_env() => CheckAsync(async () =>
    {
        var (a, b, c) = (NewEnv("a"), NewEnv("b"), NewEnv("c"));
        var last = Register(c, "last", () => new Witness(c) { Received = (_, message) => CallBackNow(message) });
        var middle = Register(b, "middle", () => new Witness(b) { Received = (_, message) => ((Forward)message).To.Send(((Forward)message).Message) });
        var probe = TestProbe.On(a);

        a.RefTo(middle.Self).Send(new Forward(a.RefTo(last.Self), new CallBack(probe.Self, "round")));

        await probe.ExpectAsync<string>(m => m == "round");
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task Looking_an_endpoint_up_finds_its_incarnation(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(server, "e");

        var found = await client.SetupEndpointRefAsync(new RpcEndpointAddress(server.Address, "e"));

        Assert.That((found, found.Incarnation), Is.EqualTo((witness.Self, witness.Self.Incarnation)));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task Looking_up_what_is_not_there_tells_so(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var nobody = new RpcEndpointAddress(server.Address, "nobody");

        var error = await FailureOfAsync<EndpointNotFoundException>(client.SetupEndpointRefAsync(nobody));

        Assert.That(error.Endpoint, Is.EqualTo(nobody));
    });

    [Test]
    public Task Looking_up_on_a_node_that_cannot_be_reached_tells_so() => CheckAsync(async () =>
    {
        var client = NewEnv("client");
        var gone = NewEnv("gone");
        await gone.DisposeAsync();

        var error = await FailureOfAsync<RpcConnectionException>(client.SetupEndpointRefAsync(new RpcEndpointAddress(gone.Address, "e")));

        Assert.That(error.Message, Does.Contain($"{gone.Address}"));
    });

    [Test]
    public Task Refs_are_equal_when_they_name_the_same_incarnation() => CheckAsync(() =>
    {
        var (server, client) = NewPair(remote: true);
        var witness = Register(server, "e");
        var there = client.RefTo(witness.Self);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(there, Is.EqualTo(witness.Self));
            Assert.That(there.GetHashCode(), Is.EqualTo(witness.Self.GetHashCode()));
            Assert.That(there, Is.Not.EqualTo(client.RefTo(new RpcEndpointAddress(server.Address, "e"))));
            Assert.That(there.ToString(), Is.EqualTo($"spark://e@{server.Address}"));
        }

        return Task.CompletedTask;
    });

    private static void CallBackNow(object message)
    {
        var call = (CallBack)message;
        call.Back.Send(call.Word);
    }

    private static async Task AwaitAnswerAsync(RpcEnv client, RpcEndpointAddress endpoint)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await client.RefTo(endpoint).AskAsync<int>("?");
                return;
            }
            catch (SparkException) when (tries < 1000)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), client.Time); // the end of the old connection has not been noticed yet
            }
        }
    }
}
