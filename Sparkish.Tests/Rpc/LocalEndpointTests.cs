using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc;

internal sealed class LocalEndpointTests
{
    [Test]
    public async Task Start_comes_first_stop_last_and_what_was_sent_between_is_handled_in_order()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var endpoint = new TestEndpoint();

        var self = env.SetupEndpoint("e", endpoint);
        for (var i = 0; i < 1000; i++) self.Send(i);
        env.Stop(self);

        Assert.That(await endpoint.UntilStoppedAsync(), Is.EqualTo(Enumerable.Range(0, 1000).Cast<object>().Prepend("start").Append("stop")));
    }

    [Test]
    public async Task Many_senders_each_keep_their_order_and_handlers_never_overlap()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var inside = 0;
        var last = new int[8];
        var failure = "";
        var endpoint = new TestEndpoint(message =>
        {
            if (Interlocked.Increment(ref inside) != 1) failure = "overlap";
            var (sender, number) = ((int, int))message;
            if (last[sender] + 1 != number) failure = $"{sender}: {number} after {last[sender]}";
            last[sender] = number;
            Interlocked.Decrement(ref inside);
        });
        var self = env.SetupEndpoint("e", endpoint);

        var senders = Enumerable.Range(0, 8).Select(sender => Task.Run(() =>
        {
            for (var number = 1; number <= 2000; number++) self.Send((sender, number));
        }));
        await Task.WhenAll(senders);
        env.Stop(self);
        await endpoint.UntilStoppedAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(failure, Is.Empty);
            Assert.That(last, Is.All.EqualTo(2000));
        }
    }

    [Test]
    public async Task An_ask_that_races_with_the_stop_is_answered_or_told_that_the_endpoint_is_gone()
    {
        for (var round = 0; round < 200; round++)
        {
            await using var env = Envs.New(Envs.Options() with { Listen = false });
            var self = env.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));

            var asks = Task.Run(() => Enumerable.Range(0, 50).Select(i => self.AskAsync<int>(i).AsTask()).ToList());
            env.Stop(self);
            var all = await asks.WaitAsync(Envs.Patience);
            await ((Task)Task.WhenAll(all)).WaitAsync(Envs.Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            Assert.That(all, Is.All.Matches<Task<int>>(ask => ask.IsCompletedSuccessfully || ask.Exception!.InnerException is EndpointNotFoundException));
        }
    }

    [Test]
    public async Task Stop_runs_even_when_start_failed_and_messages_are_handled_still()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var endpoint = new TestEndpoint { Started = () => throw new InvalidOperationException("no start") };

        var self = env.SetupEndpoint("e", endpoint);
        self.Send(1);
        env.Stop(self);

        Assert.That(await endpoint.UntilStoppedAsync(), Is.EqualTo(new object[] { "start", "error", 1, "stop" }));
    }

    [Test]
    public async Task A_failing_handler_tells_asker_and_OnError_the_very_exception()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var error = new InvalidOperationException("boom");
        var endpoint = new TestEndpoint(onAsk: (_, _) => throw error);
        var self = env.SetupEndpoint("e", endpoint);

        var seen = Assert.ThrowsAsync<InvalidOperationException>(() => self.AskAsync<int>("?").AsTask());
        env.Stop(self);
        await endpoint.UntilStoppedAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(seen, Is.SameAs(error));
            Assert.That(endpoint.Errors, Is.EqualTo(new[] { error }));
        }
    }

    [Test]
    public async Task Local_messages_go_by_reference()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var self = env.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        var message = new object();

        Assert.That(await self.AskAsync<object>(message), Is.SameAs(message));
    }

    [Test]
    public async Task An_ask_after_the_stop_fails_at_once()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var self = env.SetupEndpoint("e", new TestEndpoint());

        env.Stop(self);

        Assert.ThrowsAsync<EndpointNotFoundException>(() => self.AskAsync<int>("?").AsTask().WaitAsync(Envs.Patience));
    }

    [Test]
    public async Task A_name_is_taken_once_and_free_again_after_the_stop()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var self = env.SetupEndpoint("e", new TestEndpoint());

        Assert.That(() => env.SetupEndpoint("e", new TestEndpoint()), Throws.ArgumentException.With.Message.Contains("'e'"));
        env.Stop(self);
        var successor = env.SetupEndpoint("e", new TestEndpoint());
        Assert.That((successor.Name, successor.Equals(self)), Is.EqualTo(("e", false)), "another incarnation");
    }

    [Test]
    public async Task An_endpoint_that_lives_already_is_refused_a_second_name()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var endpoint = new TestEndpoint();
        env.SetupEndpoint("a", endpoint);

        Assert.That(() => env.SetupEndpoint("b", endpoint), Throws.InvalidOperationException);
        Assert.ThrowsAsync<EndpointNotFoundException>(() => env.RefTo(new RpcEndpointAddress(env.Address, "b")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience));
    }

    [Test]
    public async Task A_question_is_answered_once_only()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var endpoint = new TestEndpoint(onAsk: (_, call) =>
        {
            call.Reply(1);
            call.Reply(2);
        });
        var self = env.SetupEndpoint("e", endpoint);

        var answer = await self.AskAsync<int>("?");
        env.Stop(self);
        await endpoint.UntilStoppedAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer, Is.EqualTo(1));
            Assert.That(endpoint.Errors.Single(), Is.InstanceOf<InvalidOperationException>());
        }
    }

    [Test]
    public async Task A_reply_of_the_wrong_type_fails_the_ask()
    {
        await using var env = Envs.New(Envs.Options() with { Listen = false });
        var self = env.SetupEndpoint("e", new TestEndpoint(onAsk: (_, call) => call.Reply("text")));

        var error = Assert.ThrowsAsync<SparkException>(() => self.AskAsync<int>("?").AsTask());

        Assert.That(error!.Message, Does.Contain("System.String").And.Contain("System.Int32"));
    }

    [Test]
    public async Task Nothing_registers_on_an_env_that_has_stopped()
    {
        var env = Envs.New(Envs.Options() with { Listen = false });
        var endpoint = new TestEndpoint();
        var self = env.SetupEndpoint("e", endpoint);
        self.Send(1);

        await env.DisposeAsync();
        await env.DisposeAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => env.SetupEndpoint("f", new TestEndpoint()), Throws.InstanceOf<RpcEnvStoppedException>());
            Assert.That(await endpoint.UntilStoppedAsync(), Is.EqualTo(new object[] { "start", 1, "stop" }));
            Assert.That(env.Termination.IsCompletedSuccessfully);
            Assert.That(() => self.Send(2), Throws.Nothing);
        }

        Assert.ThrowsAsync<RpcEnvStoppedException>(() => self.AskAsync<int>(1).AsTask());
    }

    [Test]
    public void Null_is_no_message()
    {
        var env = Envs.New(Envs.Options() with { Listen = false });
        var self = env.SetupEndpoint("e", new TestEndpoint());

        Assert.That(() => self.Send(null!), Throws.ArgumentNullException);
    }

    [Test]
    public async Task A_handler_may_start_the_end_of_its_env()
    {
        var env = Envs.New(Envs.Options() with { Listen = false });
        var endpoint = new TestEndpoint(_ => _ = env.DisposeAsync().AsTask());

        env.SetupEndpoint("e", endpoint).Send("end");

        await env.Termination.WaitAsync(Envs.Patience);
    }
}
