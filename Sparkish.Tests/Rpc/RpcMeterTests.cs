using Sparkish.Rpc;
using Sparkish.TestKit;

namespace Sparkish.Tests.Rpc;

[NonParallelizable] // listeners hear all envs of the process
internal sealed class RpcMeterTests
{
    [Test]
    public async Task Messages_that_wait_are_counted_in_all_inboxes_and_in_the_fullest()
    {
        using var meter = new RecordedMeter("inboxes");
        await using var env = Envs.New("inboxes");
        using var gate = new ManualResetEventSlim();
        var entered = env.NewCompletion<bool>();
        var there = env.SetupEndpoint("full", new TestEndpoint(_ => Enter(entered, gate)));

        there.Send(0);
        await entered.Task.WaitAsync(Envs.Patience);
        for (var i = 1; i <= 10; i++) there.Send(i);
        var question = there.AskAsync<int>(11).AsTask();
        // The one that is being handled counts until its handler has ended.
        var waiting = (meter["sparkish.rpc.inbox.messages"], meter["sparkish.rpc.inbox.messages.max"], meter["sparkish.rpc.asks.active"]);
        gate.Set();
        Assert.ThrowsAsync<UnhandledMessageException>(() => question.WaitAsync(Envs.Patience));
        Assert.That(await env.StopAsync(there), Is.True);

        Assert.That(waiting, Is.EqualTo((12L, 12L, 1L)));
        Assert.That((meter["sparkish.rpc.inbox.messages"], meter["sparkish.rpc.asks.active"]), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public async Task Asks_are_counted_by_their_outcome([Values] bool remote)
    {
        var name = $"asks {remote}";
        using var meter = new RecordedMeter(name);
        await using var client = Envs.New(name);
        await using var peer = Envs.New("answering");
        var server = remote ? peer : client;
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: static (message, call) =>
        {
            if (message is 1) call.Reply(message);
            else if (message is 2) call.SendFailure(new InvalidOperationException("no"));
        })).From(client);
        using var cancellation = new CancellationTokenSource();

        await there.AskAsync<int>(1);
        var failure = Assert.CatchAsync(() => there.AskAsync<int>(2).AsTask());
        Assert.ThrowsAsync<RpcTimeoutException>(() => there.AskAsync<int>(3, TimeSpan.FromMilliseconds(1)).AsTask());
        var given = there.AskAsync<int>(4, cancellationToken: cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => given);

        Assert.That(failure!.Message, Does.Contain("no"));
        Assert.That(new[] { "completed", "failed", "timed_out", "cancelled" }.Select(outcome => meter[$"sparkish.rpc.asks {outcome}"]),
            Is.EqualTo(new[] { 1L, 1, 1, 1 }));
    }

    [Test]
    public async Task Connections_and_their_bytes_are_measured()
    {
        using var sending = new RecordedMeter("sending");
        using var receiving = new RecordedMeter("receiving");
        await using var server = Envs.New("receiving");
        await using var client = Envs.New("sending");
        var endpoint = new TestEndpoint();
        var there = server.SetupEndpoint("e", endpoint).From(client);

        there.Send(new Blob(new byte[10_000]));
        Assert.That(await endpoint.NextAsync(), Is.EqualTo("start"));
        await endpoint.NextAsync();

        Assert.That((sending["sparkish.rpc.connections"], receiving["sparkish.rpc.connections"]), Is.EqualTo((1L, 1L)));
        Assert.That(receiving["sparkish.rpc.network.io receive"], Is.GreaterThan(10_000));
    }

    [Test]
    public async Task What_waits_for_a_peer_that_is_not_reached_is_measured_in_bytes()
    {
        using var meter = new RecordedMeter("waiting");
        await using var env = Envs.New("waiting");
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;

        env.RefTo(new RpcEndpointAddress(new RpcAddress("127.0.0.1", port), "e")).Send(new Blob(new byte[10_000]));

        Assert.That(meter["sparkish.rpc.outbox.usage"], Is.InRange(10_000, 11_000));
        Assert.That((meter["sparkish.rpc.outbox.held"], meter["sparkish.rpc.connections"]), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public async Task Restarts_and_dead_letters_are_counted()
    {
        using var meter = new RecordedMeter("restarts");
        await using var env = Envs.New(Envs.Options("restarts") with { LoggerFactory = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance });
        var starts = new EventLog<string>(env, "Starts");
        var there = env.SetupEndpoint("e", () => new Restarting(starts));

        Assert.That(await starts.NextAsync(), Is.EqualTo("start"));
        there.Send("fail");
        Assert.That(await starts.NextAsync(), Is.EqualTo("start"));
        env.RefTo(new RpcEndpointAddress(env.Address, "nobody")).Send(1);

        Assert.That((meter["sparkish.rpc.endpoint.restarts"], meter["sparkish.rpc.dead_letters endpoint_not_found"]), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public async Task An_env_that_has_ended_is_not_observed_any_more()
    {
        using var meter = new RecordedMeter("ended");
        var env = Envs.New("ended");
        var known = RpcMeter.IsObserved(env);
        await env.DisposeAsync();

        Assert.That((known, RpcMeter.IsObserved(env)), Is.EqualTo((true, false)));
    }

    private static void Enter(TaskCompletionSource<bool> entered, ManualResetEventSlim gate)
    {
        entered.TrySetResult(true);
        gate.Wait();
    }

    private sealed class Restarting(EventLog<string> starts) : RpcEndpoint
    {
        public override void OnStart() => starts.Add("start");

        public override void Receive(object message) => throw new InvalidOperationException("once more");

        public override ErrorDirective OnError(Exception error) => ErrorDirective.Restart;
    }
}
