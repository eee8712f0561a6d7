using Sparkish.Rpc;
using Sparkish.Serialization;

namespace Sparkish.Tests.Rpc;

internal sealed class RemoteEndpointTests
{
    [Test]
    public async Task A_hundred_thousand_messages_arrive_in_order()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var last = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var there = server.SetupEndpoint("e", new TestEndpoint(message =>
        {
            if ((int)message != last + 1) done.TrySetException(new InvalidOperationException($"{message} after {last}"));
            if (++last == 100_000) done.TrySetResult();
        })).From(client);

        for (var i = 1; i <= 100_000; i++) there.Send(i);

        await done.Task.WaitAsync(Envs.Patience);
    }

    [Test]
    public async Task Concurrent_senders_each_keep_their_order()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var last = new int[8];
        var left = 8 * 2000;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var there = server.SetupEndpoint("e", new TestEndpoint(message =>
        {
            var note = (Note)message;
            var sender = int.Parse(note.Sender, System.Globalization.CultureInfo.InvariantCulture);
            if (last[sender] + 1 != note.Number) done.TrySetException(new InvalidOperationException($"{note} after {last[sender]}"));
            last[sender] = note.Number;
            if (--left == 0) done.TrySetResult();
        })).From(client);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(sender => Task.Run(() =>
        {
            for (var number = 1; number <= 2000; number++) there.Send(new Note($"{sender}", number));
        })));

        await done.Task.WaitAsync(Envs.Patience);
    }

    [Test]
    public async Task Asks_are_answered_and_failures_described()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) =>
        {
            switch (message)
            {
                case "null": call.Reply(null); break;
                case "throw": throw new InvalidOperationException("boom");
                case "late": _ = Task.Run(() => call.Reply("late")); break;
                default: call.Reply(message); break;
            }
        })).From(client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => there.AskAsync<Note>(new Note("n", i)).AsTask())).WaitAsync(Envs.Patience);
        var failure = Assert.ThrowsAsync<RpcRemoteException>(() => there.AskAsync<int>("throw").AsTask().WaitAsync(Envs.Patience));
        var wrong = Assert.ThrowsAsync<SparkException>(() => there.AskAsync<int>("text").AsTask().WaitAsync(Envs.Patience));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers.Select(note => note.Number), Is.EqualTo(Enumerable.Range(0, 1000)));
            Assert.That(await there.AskAsync<string?>("null"), Is.Null);
            Assert.That(await there.AskAsync<string>("late"), Is.EqualTo("late"));
            Assert.That((failure!.RemoteType, failure.Message), Is.EqualTo(("System.InvalidOperationException", "boom")));
            Assert.That(failure!.RemoteStackTrace, Does.Contain("at Sparkish.Tests.Rpc."));
            Assert.That(wrong!.Message, Does.Contain("System.String").And.Contain("System.Int32"));
        }
    }

    [Test]
    public async Task An_unknown_endpoint_is_told_to_the_asker()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var nobody = new RpcEndpointAddress(server.Address, "nobody");

        var asked = Assert.ThrowsAsync<EndpointNotFoundException>(() => client.RefTo(nobody).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience));
        var lookedUp = Assert.ThrowsAsync<EndpointNotFoundException>(() => client.SetupEndpointRefAsync(nobody).WaitAsync(Envs.Patience));

        Assert.That((asked!.Endpoint, lookedUp!.Endpoint), Is.EqualTo((nobody, nobody)));
    }

    [Test]
    public async Task A_registered_endpoint_is_found()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var self = server.SetupEndpoint("e", new TestEndpoint());

        Assert.That(await client.SetupEndpointRefAsync(new RpcEndpointAddress(server.Address, "e")).WaitAsync(Envs.Patience), Is.EqualTo(self));
    }

    [Test]
    public async Task A_ref_in_a_message_works_on_arrival()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var there = server.SetupEndpoint("e", new TestEndpoint(message => ((CallMe)message).Back.Send(((CallMe)message).Word))).From(client);
        var back = new TestEndpoint();
        var self = client.SetupEndpoint("back", back);

        there.Send(new CallMe(self, "hello"));

        Assert.That((await back.NextAsync(), await back.NextAsync()), Is.EqualTo(("start", "hello")));
    }

    [Test]
    public async Task An_ask_without_a_reply_times_out_and_names_its_key()
    {
        await using var server = Envs.New();
        var clock = new ManualTime();
        var conf = new SparkConf(false).Set("spark.rpc.io.keepAliveTimeout", "1h");
        await using var client = Envs.New(Envs.Options(conf: conf) with { Time = clock });
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (_, _) => asked.SetResult())).From(client);

        var ask = there.AskAsync<int>("?").AsTask();
        await asked.Task.WaitAsync(Envs.Patience);
        clock.Advance(TimeSpan.FromSeconds(120));

        var error = Assert.ThrowsAsync<RpcTimeoutException>(() => ask.WaitAsync(Envs.Patience));
        Assert.That(error!.Message, Is.EqualTo($"Cannot receive any reply from {there} in 120s. This timeout is controlled by spark.rpc.askTimeout"));
    }

    [Test]
    public async Task A_cancelled_ask_is_given_up()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        using var cancellation = new CancellationTokenSource();
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (_, _) => cancellation.Cancel())).From(client);

        Assert.CatchAsync<OperationCanceledException>(() => there.AskAsync<int>("?", cancellationToken: cancellation.Token).AsTask().WaitAsync(Envs.Patience));
    }

    [Test]
    public async Task A_type_that_is_not_registered_is_refused_at_the_sender()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (_, call) => call.Reply(new Uri("http://a/")))).From(client);

        var sent = Assert.Throws<SerializationException>(() => there.Send(new Uri("http://a/")));
        var replied = Assert.ThrowsAsync<RpcRemoteException>(() => there.AskAsync<Uri>("?").AsTask().WaitAsync(Envs.Patience));

        Assert.That((sent!.Message, replied!.Message), Is.EqualTo((sent.Message, sent.Message)));
    }

    [Test]
    public async Task Values_of_user_types_cross_only_where_both_sides_admit_them()
    {
        await using var admits = Envs.New(Envs.Options() with { UserTypes = TypeBinder.Application });
        await using var refuses = Envs.New();
        await using var client = Envs.New(Envs.Options() with { UserTypes = TypeBinder.Application });
        var there = admits.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(client);
        var elsewhere = refuses.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(client);

        var answer = await there.AskAsync<Unregistered>(new Unregistered("x", [1, 2])).AsTask().WaitAsync(Envs.Patience);
        var refused = Assert.ThrowsAsync<RpcRemoteException>(() => elsewhere.AskAsync<Unregistered>(new Unregistered("x", [1])).AsTask().WaitAsync(Envs.Patience));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.Name, answer.Numbers), Is.EqualTo(("x", new[] { 1, 2 })));
            Assert.That(refused!.Message, Does.Contain("this node accepts none"));
        }
    }

    [Test]
    public async Task A_peer_is_asked_under_another_name_than_it_advertises()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var endpoint = new TestEndpoint();
        client.SetupEndpoint("f", endpoint);
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        var dialled = new RpcAddress("localhost", server.Address.Port);

        var answer = await client.RefTo(new RpcEndpointAddress(dialled, "e")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer, Is.EqualTo(1));
            Assert.That((await endpoint.NextNetworkAsync(), await endpoint.NextNetworkAsync()), Is.EqualTo(($"connected {dialled}", $"connected {server.Address}")));
        }
    }

    private sealed record Unregistered(string Name, int[] Numbers);
}
