using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Tests.Rpc.Robustness;
using static Sparkish.Tests.Rpc.Transport.KeepAliveTests;

namespace Sparkish.Tests.Rpc.Transport;

internal sealed class FrameTests
{
    [Test]
    public async Task Frames_may_be_cut_anywhere()
    {
        await using var env = Envs.New();
        var endpoint = new TestEndpoint();
        env.SetupEndpoint("e", endpoint);
        using var socket = Greeted(env, new RpcAddress("cutter", 1));
        socket.NoDelay = true;
        socket.Send(Frames.Define(1, "e"));
        byte[] bytes = [.. Frames.Send(Frames.Numbered(1), Text("one")), .. Frames.Ping(),
            .. Frames.Send(Frames.Named("e"), Text("two")), .. Frames.Send(Frames.Numbered(1), Text("three"))];
        var received = new List<object>();

        for (var cut = 1; cut < bytes.Length; cut++)
        {
            socket.Send(bytes.AsSpan(0, cut));
            // Between the pieces, so that they come as two.
            await env.SetupEndpointRefAsync(new RpcEndpointAddress(env.Address, "e")).WaitAsync(Envs.Patience);
            socket.Send(bytes.AsSpan(cut));
        }

        Assert.That(await endpoint.NextAsync(), Is.EqualTo("start"));
        for (var i = 0; i < (bytes.Length - 1) * 3; i++) received.Add(await endpoint.NextAsync());
        Assert.That(received, Is.EqualTo(Enumerable.Range(1, bytes.Length - 1).SelectMany(_ => new[] { "one", "two", "three" })));
    }

    [Test]
    public async Task More_receivers_than_can_be_numbered_are_reached_by_name()
    {
        const int receivers = 17_000;
        await using var server = Envs.New();
        await using var client = Envs.New();
        var there = Enumerable.Range(0, receivers).Select(i => server.SetupEndpoint($"e{i}", new Named(i)).From(client)).ToList();

        for (var round = 0; round < 2; round++)
        {
            var answers = await Task.WhenAll(there.Select(receiver => receiver.AskAsync<int>(0).AsTask())).WaitAsync(Envs.Patience);

            Assert.That(answers, Is.EqualTo(Enumerable.Range(0, receivers)));
        }
    }

    [Test]
    public async Task One_receiver_too_many_or_out_of_order_ends_the_connection()
    {
        await using var env = Envs.New();
        using var many = Greeted(env, new RpcAddress("many", 1));
        using var jumping = Greeted(env, new RpcAddress("jumping", 1));

        for (var number = 1; number <= (16 << 10) + 1; number++) many.Send(Frames.Define(number, "e"));
        jumping.Send(Frames.Define(2, "e"));

        Assert.That((IsEnded(many), IsEnded(jumping)), Is.EqualTo((true, true)));
    }

    [TestCase(Frames.ReplyKind)]
    [TestCase(Frames.FailureKind)]
    [TestCase(Frames.NotFoundKind)]
    public async Task An_answer_that_cannot_be_read_fails_its_ask_and_no_other(byte kind)
    {
        await using var env = Envs.New();
        var self = new RpcAddress("mumbler", 1);
        var network = new TestEndpoint();
        env.SetupEndpoint("n", network);
        using var peer = Greeted(env, self);
        var there = env.RefTo(new RpcEndpointAddress(self, "e"));
        Assert.That(await network.NextNetworkAsync(), Is.EqualTo($"connected {self}"));
        var (bad, good) = (there.AskAsync<object>(1).AsTask(), there.AskAsync<object>(2).AsTask());
        ReadFrame(peer);
        var questions = new[] { ReadFrame(peer), ReadFrame(peer) };

        peer.Send(Frames.Frame(kind, questions[0][1..9], [0xFF, 0xFF, 0xFF, 0xFF, 0x7F]));
        peer.Send(Frames.Frame(Frames.ReplyKind, questions[1][1..9], [0]));

        var error = Assert.ThrowsAsync<SparkException>(() => bad.WaitAsync(Envs.Patience));
        Assert.That(error!.Message, Does.Contain("cannot be read"));
        Assert.That(await good.WaitAsync(Envs.Patience), Is.Null);
    }

    [Test]
    public async Task A_flood_of_unreadable_messages_is_a_line_or_two_in_the_log()
    {
        using var log = new Security.RecordedLog();
        await using var env = Envs.New(Envs.Options() with { LoggerFactory = log });
        env.SetupEndpoint("e", new TestEndpoint());
        using (var peer = Greeted(env, new RpcAddress("flooder", 1)))
        {
            for (var i = 0; i < 1000; i++) peer.Send(Frames.Send(Frames.Named("e"), [99]));
        }

        var lines = (await log.NextWarningAsync(), await log.NextWarningAsync());

        Assert.That(lines.Item1, Does.StartWith("Could not read 1 message from flooder:1 to e: Message number 99"));
        Assert.That(lines.Item2, Does.StartWith("Could not read 999 messages from flooder:1 to e: Message number 99"));
        Assert.That((log.Warnings, env.DeadLetters.Total), Is.EqualTo((2, 1000L)));
    }

    [TestCase(Frames.PingKind)]
    [TestCase(Frames.CreditKind)]
    public async Task A_context_of_a_span_before_what_is_no_message_ends_the_connection(byte kind)
    {
        using var log = new Security.RecordedLog();
        await using var env = Envs.New(Envs.Options() with { LoggerFactory = log });
        using var peer = Greeted(env, new RpcAddress("nested", 1), version: 3);

        peer.Send(Frames.Frame(Frames.TracedKind, new byte[25], [kind]));

        Assert.That(IsEnded(peer), Is.True);
        Assert.That(await log.NextWarningAsync(), Does.EndWith("it sent a span context with a frame that is not a message"));
    }

    [Test]
    public async Task A_message_with_the_context_of_a_span_arrives_whether_somebody_listens_or_not()
    {
        await using var env = Envs.New();
        var endpoint = new TestEndpoint();
        env.SetupEndpoint("e", endpoint);
        using var peer = Greeted(env, new RpcAddress("tracer", 1), version: 3);
        var plain = Frames.Send(Frames.Named("e"), Text("traced"));

        peer.Send(Frames.Frame(Frames.TracedKind, [.. Enumerable.Repeat((byte)1, 25)], plain[4..]));

        Assert.That((await endpoint.NextAsync(), await endpoint.NextAsync()), Is.EqualTo(("start", "traced")));
    }

    /// <summary>The payload of a text, found by asking the format itself.</summary>
    private static byte[] Text(string text)
    {
        var writer = new Sparkish.Serialization.ByteWriter();
        new MessageFormat(new Sparkish.Serialization.Messages.MessageRegistry()).Write(writer, text, new Sparkish.Serialization.SerializationContext());
        return writer.ToArray();
    }

    private sealed class Named(int number) : RpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(number);
    }
}
