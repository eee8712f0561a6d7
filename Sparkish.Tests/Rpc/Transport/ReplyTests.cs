using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc.Transport;

/// <summary>What one handler does holds up nothing that was given to the transport before.</summary>
internal sealed class ReplyTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task A_reply_leaves_when_it_is_given_whatever_its_handler_does_afterwards(bool isolated)
    {
        await using var server = Envs.New("server");
        await using var client = Envs.New("client");
        using var gate = new Gate();
        var busy = Gated(server, gate, isolated).From(client);
        var idle = server.SetupEndpoint("idle", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(client);

        var own = await busy.AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);
        var others = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => idle.AskAsync<int>(i).AsTask())).WaitAsync(Envs.Patience);

        Assert.That((own, gate.IsHeld), Is.EqualTo((1, true)));
        Assert.That(others, Is.EqualTo(Enumerable.Range(0, 100)));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_reply_leaves_though_a_slow_message_stands_right_behind_its_question(bool isolated)
    {
        await using var server = Envs.New("server");
        await using var client = Envs.New("client");
        for (var round = 0; round < 50; round++)
        {
            using var gate = new Gate();
            var busy = Gated(server, gate, isolated, $"busy{round}", holdsReplies: false).From(client);

            var asked = busy.AskAsync<int>(round).AsTask();
            busy.Send("slow");

            Assert.That(await asked.WaitAsync(Envs.Patience), Is.EqualTo(round));
        }
    }

    [Test]
    public async Task What_an_isolated_endpoint_sends_leaves_whatever_its_handler_does_afterwards()
    {
        await using var server = Envs.New("server");
        await using var client = Envs.New("client");
        using var gate = new Gate();
        var reader = new TestEndpoint();
        var back = client.SetupEndpoint("reader", reader).From(server);
        server.SetupEndpoint("e", new IsolatedSender(back, gate)).From(client).Send("go");

        Assert.That(await reader.NextAsync(), Is.EqualTo("start"));
        for (var i = 0; i < 100; i++) Assert.That(await reader.NextAsync(), Is.EqualTo(i));
    }

    private static RpcEndpointRef Gated(RpcEnv env, Gate gate, bool isolated, string name = "busy", bool holdsReplies = true) =>
        env.SetupEndpoint(name, isolated ? new IsolatedBusy(gate, holdsReplies) : new Busy(gate, holdsReplies));

    /// <summary>Holds handlers until the test has ended.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim _open = new();

        public bool IsHeld => !_open.IsSet;

        public void Wait() => _open.Wait(Envs.Patience);

        public void Dispose() => _open.Set();
    }

    private sealed class Busy(Gate gate, bool holdsReplies) : RpcEndpoint
    {
        public override void Receive(object message) => gate.Wait();

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            call.Reply(message);
            if (holdsReplies) gate.Wait();
        }
    }

    private sealed class IsolatedBusy(Gate gate, bool holdsReplies) : IsolatedRpcEndpoint
    {
        public override void Receive(object message) => gate.Wait();

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            call.Reply(message);
            if (holdsReplies) gate.Wait();
        }
    }

    private sealed class IsolatedSender(RpcEndpointRef reader, Gate gate) : IsolatedRpcEndpoint
    {
        public override void Receive(object message)
        {
            for (var i = 0; i < 100; i++) reader.Send(i);
            gate.Wait();
        }
    }
}
