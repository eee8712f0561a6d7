using System.Diagnostics;
using Sparkish.Rpc;
using Sparkish.Rpc.Local;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Rpc;

[NonParallelizable] // listeners hear all envs of the process
internal sealed class RpcTracingTests
{
    [Test]
    public async Task A_message_is_one_span_below_that_of_its_sender([Values] bool remote)
    {
        await using var server = Envs.New("server");
        await using var other = Envs.New("client");
        var client = remote ? other : server;
        var endpoint = new TestEndpoint();
        // the connection stands
        var there = await client.SetupEndpointRefAsync(new RpcEndpointAddress(server.Address, server.SetupEndpoint("e", endpoint).Name));
        using var activities = new RecordedActivities();

        there.Send(new Note("me", 1));

        var span = await activities.NextAsync();
        Assert.That((span.DisplayName, span.Kind, span.ParentSpanId), Is.EqualTo(("process e", ActivityKind.Consumer, activities.Root.SpanId)));
        Assert.That(span.Tags, Is.EquivalentTo(new Dictionary<string, string?>
        {
            ["messaging.system"] = "sparkish",
            ["messaging.operation.type"] = "process",
            ["messaging.destination.name"] = "e",
            ["sparkish.rpc.message.type"] = "Note",
            ["sparkish.rpc.env"] = "server",
        }));
    }

    [Test]
    public async Task A_question_is_one_span_and_what_its_handler_sends_is_below_it([Values] bool remote)
    {
        await using var server = Envs.New("server");
        await using var other = Envs.New("client");
        var client = remote ? other : server;
        var next = server.SetupEndpoint("next", new TestEndpoint());
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) =>
        {
            next.Send(message);
            call.Reply(7);
        }));
        var there = await client.SetupEndpointRefAsync(new RpcEndpointAddress(server.Address, "e"));
        using var activities = new RecordedActivities();

        var answer = await there.AskAsync<int>(new Note("me", 1));

        Activity[] spans = [await activities.NextAsync(), await activities.NextAsync()];
        var asked = spans.Single(span => span.Kind == ActivityKind.Server);
        var sent = spans.Single(span => span.Kind == ActivityKind.Consumer);
        Assert.That((answer, asked.DisplayName, asked.ParentSpanId, sent.DisplayName, sent.ParentSpanId),
            Is.EqualTo((7, "e/Note", activities.Root.SpanId, "process next", asked.SpanId)));
        Assert.That(activities.Count, Is.Zero);
    }

    [Test]
    public async Task The_span_of_a_handler_that_awaits_ends_with_its_task()
    {
        await using var env = Envs.New();
        var gate = env.NewCompletion<bool>();
        var there = env.SetupEndpoint("e", new Awaiting(gate.Task));
        using var activities = new RecordedActivities();

        there.Send("wait");
        var before = activities.Count;
        gate.SetResult(true);

        var span = await activities.NextAsync();
        Assert.That((before, span.GetTagItem("after")), Is.EqualTo((0, "the wait")));
    }

    [Test]
    public async Task The_span_of_a_handler_that_throws_tells_the_error()
    {
        await using var env = Envs.New();
        var there = env.SetupEndpoint("e", new TestEndpoint(static _ => throw new InvalidOperationException("no")));
        using var activities = new RecordedActivities();

        there.Send("fail");

        var span = await activities.NextAsync();
        Assert.That((span.Status, span.GetTagItem("error.type")), Is.EqualTo((ActivityStatusCode.Error, "System.InvalidOperationException")));
    }

    [Test]
    public async Task A_listener_that_throws_costs_spans_and_no_messages([Values] bool remote)
    {
        using var log = new RecordedLog();
        await using var server = Envs.New(Envs.Options("server") with { LoggerFactory = log });
        await using var other = Envs.New("client");
        var client = remote ? other : server;
        server.SetupEndpoint("e", new TestEndpoint(onAsk: static (message, call) => call.Reply(message)));
        var there = await client.SetupEndpointRefAsync(new RpcEndpointAddress(server.Address, "e"));
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RpcTracing.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = static _ => throw new InvalidOperationException("start"),
            ActivityStopped = static _ => throw new InvalidOperationException("stop"),
        };
        ActivitySource.AddActivityListener(listener);

        var answers = new List<int>();
        for (var i = 0; i < 3; i++) answers.Add(await there.AskAsync<int>(i));

        Assert.That(answers, Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(await log.NextWarningAsync(), Is.EqualTo("A listener for the activities of RpcEnv server failed"));
    }

    [Test]
    public async Task A_message_that_is_too_large_only_by_its_context_goes_without()
    {
        var conf = new SparkConf(false).Set("spark.rpc.message.maxSize", "64k");
        await using var server = Envs.New("server", conf);
        await using var client = Envs.New("client", conf);
        server.SetupEndpoint("e", new TestEndpoint(onAsk: static (message, call) => call.Reply(((Blob)message).Bytes.Length)));
        var there = await client.SetupEndpointRefAsync(new RpcEndpointAddress(server.Address, "e"));
        var largest = await LargestAsync(there);
        using var activities = new RecordedActivities();

        var answers = new List<int>();
        for (var bytes = largest - 40; bytes <= largest; bytes++) answers.Add(await there.AskAsync<int>(new Blob(new byte[bytes])));

        Assert.That(answers, Is.EqualTo(Enumerable.Range(largest - 40, 41)));
        Assert.ThrowsAsync<SparkException>(() => there.AskAsync<int>(new Blob(new byte[largest + 1])).AsTask());
    }

    private static async Task<int> LargestAsync(RpcEndpointRef there)
    {
        for (var bytes = 64 << 10; ; bytes--)
        {
            try
            {
                return await there.AskAsync<int>(new Blob(new byte[bytes]));
            }
            catch (SparkException error) when (error.Message.Contains("maxSize", StringComparison.Ordinal))
            {
                // one byte less
            }
        }
    }

    private sealed class Awaiting(Task gate) : AsyncRpcEndpoint
    {
        protected override async ValueTask ReceiveAsync(object message, CancellationToken abandoned)
        {
            await gate;
            Activity.Current?.SetTag("after", "the wait");
        }
    }
}
