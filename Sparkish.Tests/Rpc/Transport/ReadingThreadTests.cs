using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc.Transport;

/// <summary>The thread that reads a connection may run handlers, and no handler sees that it does.</summary>
internal sealed class ReadingThreadTests
{
    private static readonly AsyncLocal<string?> Ambient = new();

    [Test]
    public async Task A_handler_that_waits_for_the_next_message_of_its_connection_gets_it()
    {
        await using var server = Envs.New("server");
        await using var client = Envs.New("client");
        using var released = new ManualResetEventSlim();
        var waits = new TestEndpoint(onAsk: (_, call) => call.Reply(released.Wait(Envs.Patience)));
        var waiting = server.SetupEndpoint("waiting", waits).From(client);
        var releasing = server.SetupEndpoint("releasing", new TestEndpoint(_ => released.Set())).From(client);

        var answer = waiting.AskAsync<bool>(1).AsTask();
        releasing.Send(2);

        Assert.That(await answer.WaitAsync(Envs.Patience), Is.True);
    }

    [Test]
    public async Task An_asker_that_blocks_after_its_reply_does_not_hold_up_the_next_reply()
    {
        await using var server = Envs.New("server");
        await using var client = Envs.New("client");
        var echo = server.SetupEndpoint("echo", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(client);

        var blocking = Task.Run(async () =>
        {
            var first = await echo.AskAsync<int>(1).ConfigureAwait(false);
            return first + echo.AskSync<int>(2);
        });

        Assert.That(await blocking.WaitAsync(Envs.Patience), Is.EqualTo(3));
    }

    [Test]
    public async Task A_handler_does_not_run_in_the_context_of_the_code_that_opened_the_connection()
    {
        await using var server = Envs.New("server");
        await using var client = Envs.New("client");
        var seen = new List<string?>();
        var listener = new TestEndpoint(_ => seen.Add(Ambient.Value));
        var back = client.SetupEndpoint("back", listener);
        var caller = server.SetupEndpoint("caller", new TestEndpoint(message => ((CallMe)message).Back.Send(1)));
        Ambient.Value = "dialling";

        caller.From(client).Send(new CallMe(back, "now"));
        await listener.NextAsync();
        await listener.NextAsync();
        caller.From(client).Send(new CallMe(back, "again"));
        await listener.NextAsync();

        Assert.That(seen, Is.EqualTo(new string?[] { null, null }));
    }

    [Test]
    public async Task Each_message_has_its_own_sender_within_one_turn()
    {
        await using var server = Envs.New("server");
        await using var one = Envs.New("one");
        await using var two = Envs.New("two");
        using var gate = new ManualResetEventSlim();
        var endpoint = new SenderEndpoint(gate);
        var here = server.SetupEndpoint("e", endpoint);
        var barrier = server.SetupEndpoint("barrier", new TestEndpoint(onAsk: (_, call) => call.Reply(true)));
        here.Send("wait"); // all others are handled in the same turn

        here.From(one).Send("a");
        here.From(one).Send("fail");
        here.From(one).Send("b");
        await barrier.From(one).AskAsync<bool>(1);
        here.Send("c");
        here.From(two).Send("d");
        await barrier.From(two).AskAsync<bool>(1);
        gate.Set();
        await here.AskAsync<bool>(1);

        Assert.That(endpoint.Seen, Is.EqualTo(new[]
        {
            ("wait", (RpcAddress?)null), ("a", one.Address), ("fail", one.Address), ("error", null), ("b", one.Address), ("c", null), ("d", two.Address),
        }));
    }

    /// <summary>Keeps the senders of its messages.</summary>
    private sealed class SenderEndpoint(ManualResetEventSlim gate) : RpcEndpoint
    {
        public List<(string What, RpcAddress? Sender)> Seen { get; } = [];

        public override void Receive(object message)
        {
            Seen.Add(((string)message, Sender?.Address));
            if (message is "wait") gate.Wait(Envs.Patience);
            if (message is "fail") throw new InvalidOperationException("told to");
        }

        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(true);

        public override ErrorDirective OnError(Exception error)
        {
            Seen.Add(("error", Sender?.Address));
            return ErrorDirective.Resume;
        }
    }
}
