using FsCheck;
using FsCheck.Fluent;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Tests.Rpc.Transport;

/// <summary>One busy endpoint delays nobody else, and nothing exceeds its bound.</summary>
internal sealed class FlowTests
{
    [Test]
    public async Task A_busy_endpoint_delays_no_other_on_its_connection_and_gets_everything_in_order()
    {
        var conf = new SparkConf(false).Set("spark.rpc.backlog.maxBytes", "64k").Set("spark.rpc.outbox.maxBytes", "4m");
        await using var server = Envs.New("server", conf);
        await using var client = Envs.New("client", conf);
        using var gate = new ManualResetEventSlim();
        var handled = new List<int>();
        var busy = server.SetupEndpoint("busy", new Gated(gate, handled)).From(client);
        var idle = server.SetupEndpoint("idle", new TestEndpoint(onAsk: (message, call) => call.Reply(message is Blob blob ? blob.Bytes.Length : message)))
            .From(client);

        var asks = new List<Task<int>>();
        while (!asks.Exists(ask => ask.IsFaulted)) asks.Add(busy.AskAsync<int>(new Note(new string('x', 10_000), asks.Count)).AsTask());
        var small = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => idle.AskAsync<int>(i).AsTask())).WaitAsync(Envs.Patience);
        var large = await idle.AskAsync<int>(new Blob(new byte[1 << 20])).AsTask().WaitAsync(Envs.Patience);
        gate.Set();
        var taken = asks.Count(ask => !ask.IsFaulted);
        var answers = await Task.WhenAll(asks.Where(ask => !ask.IsFaulted)).WaitAsync(Envs.Patience);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(small, Is.EqualTo(Enumerable.Range(0, 50)));
            Assert.That(large, Is.EqualTo(1 << 20));
            Assert.That(taken, Is.GreaterThan(100), "what exceeds the window is held by the sender");
            Assert.That(handled, Is.EqualTo(answers).And.Ordered);
            Assert.That(asks.Where(ask => ask.IsFaulted).Select(ask => ask.Exception!.InnerException), Is.All.InstanceOf<RpcOutboxFullException>());
        }
    }

    [Test]
    public async Task The_bound_of_all_outboxes_refuses_what_no_single_outbox_would()
    {
        var conf = new SparkConf(false).Set("spark.rpc.buffers.maxBytes", "1m");
        await using var client = Envs.New("client", conf);
        using var deaf = new ScriptedPeer();
        using var mute = new ScriptedPeer();
        var refs = new[] { deaf, mute }.Select(peer => client.RefTo(new RpcEndpointAddress(peer.Address, "e"))).ToList();

        using var giveUp = new CancellationTokenSource();
        var asks = Enumerable.Range(0, 40)
            .Select(i => refs[i % 2].AskAsync<int>(new Blob(new byte[100_000]), cancellationToken: giveUp.Token).AsTask()).ToList();
        await giveUp.CancelAsync();
        await ((Task)Task.WhenAll(asks)).WaitAsync(Envs.Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var refused = asks.Where(ask => ask.IsFaulted).Select(ask => ask.Exception!.InnerException!).ToList();
        Assert.That(refused, Is.Not.Empty.And.All.InstanceOf<RpcOutboxFullException>().And.All.Message.Contains("spark.rpc.buffers.maxBytes"));
        Assert.That(asks.Count(ask => ask.IsCanceled), Is.InRange(5, 20));
    }

    [Test]
    public async Task A_watcher_is_told_of_an_end_after_messages_that_were_held()
    {
        var conf = new SparkConf(false).Set("spark.rpc.backlog.maxBytes", "1k");
        await using var server = Envs.New("server", conf);
        await using var client = Envs.New("client", conf);
        using var gate = new ManualResetEventSlim();
        var seen = new EndOfStream(gate);
        var watcher = client.SetupEndpoint("watcher", seen);
        var source = server.SetupEndpoint("source", new Source());
        seen.Watched.SetResult(source.From(client));
        await seen.Watching.Task.WaitAsync(Envs.Patience);
        await server.SetupEndpointRefAsync(new RpcEndpointAddress(client.Address, "watcher")).WaitAsync(Envs.Patience);

        source.From(client).Send(new CallMe(watcher, ""));
        var rest = client.RefTo(new RpcEndpointAddress(server.Address, "other"));
        Assert.ThrowsAsync<EndpointNotFoundException>(() => rest.AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience), "the connection is not held up");
        gate.Set();

        Assert.That(await seen.Ended.Task.WaitAsync(Envs.Patience), Is.EqualTo(Source.Messages));
    }

    [Test]
    public void A_grant_lets_exactly_so_much_through_and_a_barrier_waits_for_all_before_it() => Prop.ForAll(
        ArbMap.Default.ArbFor<PositiveInt[]>(), sizes =>
        {
            var window = new SendWindow();
            var sent = 0L;
            var refused = sizes.Count(size =>
            {
                var cost = ReceiveWindow.CostOf((size.Get * 1000) - sizeof(int));
                var mayGo = sent < SendWindow.InitialBytes;
                if (window.TrySpend(size.Get * 1000) != mayGo) return true;
                if (mayGo) sent += cost;
                return false;
            });
            return refused == 0;
        }).QuickCheckThrowOnFailure();

    [Test]
    public void What_a_receiver_grants_is_what_it_has_handled_and_one_window_more() => Prop.ForAll(
        ArbMap.Default.ArbFor<PositiveInt[]>(), sizes =>
        {
            const long windowBytes = 300_000;
            var window = new ReceiveWindow(windowBytes);
            var granted = window.FirstGrant();
            var handled = 0L;
            foreach (var size in sizes)
            {
                handled += size.Get;
                var grant = window.Handled(size.Get);
                if (grant == 0) continue;
                if (grant != handled + windowBytes || grant <= granted) return false;
                granted = grant;
            }

            return handled + windowBytes - granted < windowBytes / 4;
        }).QuickCheckThrowOnFailure();

    [Test]
    public void A_peer_that_sends_far_more_than_it_was_granted_is_found_out()
    {
        var window = new ReceiveWindow(1000);

        var first = window.TryReceive((int)SendWindow.InitialBytes, maxMessageBytes: 1000);
        var second = window.TryReceive(2000, maxMessageBytes: 1000);

        Assert.That((first, second), Is.EqualTo((true, false)));
    }

    private sealed class Gated(ManualResetEventSlim gate, List<int> handled) : IsolatedRpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            gate.Wait(Envs.Patience);
            var number = ((Note)message).Number;
            handled.Add(number);
            call.Reply(number);
        }
    }

    private sealed class Source : RpcEndpoint
    {
        public const int Messages = 2000;

        public override void Receive(object message)
        {
            var back = ((CallMe)message).Back;
            for (var i = 0; i < Messages; i++) back.Send(new Note(new string('x', 500), i));
            Stop();
        }
    }

    private sealed class EndOfStream(ManualResetEventSlim gate) : IsolatedRpcEndpoint
    {
        private int _received;

        public TaskCompletionSource<RpcEndpointRef> Watched { get; } = new();

        public TaskCompletionSource Watching { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<int> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void OnStart() => PipeToSelf(Watched.Task, there => there);

        public override void Receive(object message)
        {
            switch (message)
            {
                case RpcEndpointRef there:
                    Watch(there);
                    Watching.SetResult();
                    break;
                case EndpointTerminated: Ended.SetResult(_received); break;
                default:
                    gate.Wait(Envs.Patience);
                    _received++;
                    break;
            }
        }
    }
}
