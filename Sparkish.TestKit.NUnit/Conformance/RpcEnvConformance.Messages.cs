using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Delivery of messages.</content>
public abstract partial class RpcEnvConformance
{
    [TestCase(false)]
    [TestCase(true)]
    public Task Messages_arrive_in_the_order_of_their_sending(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(server, "e");
        var there = client.RefTo(witness.Self);

        for (var i = 0; i < 1000; i++) there.Send(i);

        await ExpectEventsAsync(witness, [.. Enumerable.Range(0, 1000).Cast<object>().Prepend("start")]);
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task Each_of_many_senders_keeps_its_order_and_handlers_never_overlap(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var log = new EventLog<string>(server, "Order");
        var (inside, handled) = (0, 0); // plain: the next handler sees the writes of the previous one
        var last = new int[4];
        var witness = Register(server, "e", () => new Witness(server)
        {
            Received = (_, message) =>
            {
                var text = (Text)message;
                if (Interlocked.Increment(ref inside) != 1) log.Add("overlap");
                if (last[text.Number % 4] != text.Number / 4) log.Add($"{text} after {last[text.Number % 4]}");
                last[text.Number % 4]++;
                Interlocked.Decrement(ref inside);
                if (++handled == 4 * 500) log.Add("all");
            },
        });
        var there = client.RefTo(witness.Self);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(sender => InBackgroundAsync(client, () =>
        {
            for (var i = 0; i < 500; i++) there.Send(new Text("w", (i * 4) + sender));
        })));

        Assert.That(await log.NextAsync("all messages"), Is.EqualTo("all"));
    });

    [Test]
    public Task A_concurrent_endpoint_starts_first_stops_last_and_keeps_its_bound() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var handled = 0;
        var witness = new ConcurrentWitness(env, 3, _ => Interlocked.Increment(ref handled));
        var self = env.SetupEndpoint("e", witness);

        for (var i = 0; i < 500; i++) self.Send(i);
        env.Stop(self);

        Assert.That((await witness.Events.NextAsync(), await witness.Events.NextAsync()), Is.EqualTo(((object)"start", (object)"stop")));
        Assert.That((handled, witness.Most), Is.EqualTo((500, witness.Most)).And.Matches<(int, int Most)>(seen => seen.Most is > 0 and <= 3));
    });

    [Test]
    public Task An_isolated_endpoint_is_like_any_other() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = new IsolatedWitness(env);
        var self = env.SetupEndpoint("e", witness);

        self.Send(1);
        var answer = await self.AskAsync<int>(2);
        env.Stop(self);

        Assert.That((answer, await witness.Events.NextAsync(), await witness.Events.NextAsync(), await witness.Events.NextAsync()),
            Is.EqualTo((2, (object)"start", (object)1, (object)"stop")));
    });

    [Test]
    public Task An_isolated_endpoint_runs_on_a_thread_of_its_own() => CheckAsync(RpcEnvFeature.IsolatedThreads, async () =>
    {
        var self = NewEnv().SetupEndpoint("e", new ThreadWitness());

        Assert.That((await self.AskAsync<string>("?"), await self.AskAsync<string>("?")), Is.EqualTo(("dispatcher-e", "dispatcher-e")));
    });

    [Test]
    public Task Local_messages_go_by_reference() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e", () => new Witness(env) { Asked = (_, message, call) => call.Reply(message) });
        var message = new object();

        Assert.That(await witness.Self.AskAsync<object>(message), Is.SameAs(message));
    });

    [Test]
    public Task A_message_to_itself_comes_after_those_that_wait() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e", () => new Witness(env)
        {
            Starting = me =>
            {
                me.Self.Send("first");
                me.Self.Send("second");
            },
            Received = (me, message) =>
            {
                if (message is "first") me.Self.Send("third");
            },
        });

        await ExpectEventsAsync(witness, "start", "first", "second", "third");
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task What_is_sent_to_an_endpoint_that_is_not_there_is_dropped(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(server, "e");

        client.RefTo(new RpcEndpointAddress(server.Address, "nobody")).Send("lost");
        client.RefTo(witness.Self).Send("found");

        await ExpectEventsAsync(witness, "start", "found");
    });

    [Test]
    public Task Null_is_no_message() => CheckAsync(() =>
    {
        var witness = Register(NewEnv(), "e");

        Assert.That(() => witness.Self.Send(null!), Throws.ArgumentNullException);
        return Task.CompletedTask;
    });

    [Test]
    public Task A_message_without_a_number_in_the_registry_is_refused_at_the_sender() => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote: true);
        var witness = Register(server, "e", () => new Witness(server) { Asked = (_, _, call) => call.Reply(new Unregistered("x")) });
        var there = client.RefTo(witness.Self);

        Assert.That(() => there.Send(new Unregistered("x")), Throws.InstanceOf<SparkException>().With.Message.Contains(nameof(Unregistered)));
        var asked = await FailureOfAsync<SparkException>(there.AskAsync<int>(new Unregistered("x")).AsTask());
        var answered = await FailureOfAsync<RpcRemoteException>(there.AskAsync<object>("?").AsTask());

        Assert.That((asked.Message, answered.Message), Is.EqualTo((asked.Message, asked.Message)));
    });

    [Test]
    public Task A_message_larger_than_maxSize_is_refused_at_the_sender_and_the_next_arrives() => CheckAsync(async () =>
    {
        var server = NewEnv("server", conf: ("spark.rpc.message.maxSize", "64k"));
        var client = NewEnv("client", conf: ("spark.rpc.message.maxSize", "64k"));
        var witness = Register(server, "e");
        var there = client.RefTo(witness.Self);

        Assert.That(() => there.Send(new Bytes(new byte[70_000])), Throws.InstanceOf<SparkException>().With.Message.Contains("spark.rpc.message.maxSize"));
        var asked = await FailureOfAsync<SparkException>(there.AskAsync<int>(new Bytes(new byte[70_000])).AsTask());
        there.Send("small");

        await ExpectEventsAsync(witness, "start", "small");
        Assert.That(asked.Message, Does.Contain("spark.rpc.message.maxSize"));
    });
}
