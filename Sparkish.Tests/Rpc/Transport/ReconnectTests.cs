using System.Runtime.Versioning;
using Sparkish.Rpc;
using Sparkish.TestKit;
using Sparkish.Tests.Rpc.Robustness;

namespace Sparkish.Tests.Rpc.Transport;

internal sealed class ReconnectTests
{
    [Test]
    public async Task A_peer_that_cannot_be_reached_is_tried_again_after_pauses_that_grow()
    {
        var clock = new ManualClock();
        await using var env = Envs.New(Envs.Options() with { Time = clock });
        var there = env.RefTo(new RpcEndpointAddress(ScriptedPeer.Nobody(), "e"));
        Assert.ThrowsAsync<RpcConnectionException>(() => there.AskAsync<int>(0).AsTask().WaitAsync(Envs.Patience), "the first try is made at once");

        var least = 25.0;
        for (var failures = 1; failures <= 12; failures++)
        {
            var pausing = clock.WhenTimerArmedAsync(pause => pause.TotalMilliseconds >= least && pause.TotalMilliseconds <= 2 * least);
            var ask = there.AskAsync<int>(failures).AsTask();
            await pausing.WaitAsync(Envs.Patience);
            clock.Advance(TimeSpan.FromMilliseconds(least - 1));
            Assert.That(ask.IsCompleted, Is.False, $"after {failures} failures no try is made within {least} ms");
            clock.Advance(TimeSpan.FromMilliseconds(least + 1));
            Assert.ThrowsAsync<RpcConnectionException>(() => ask.WaitAsync(Envs.Patience), $"after {failures} failures a try is made within {2 * least} ms");
            least = Math.Min(least * 2, 2500);
        }
    }

    [Test]
    public async Task A_peer_that_comes_back_at_its_address_replaces_the_connection_that_it_lost()
    {
        await using var env = Envs.New();
        var network = new TestEndpoint();
        env.SetupEndpoint("n", network);
        var self = new RpcAddress("phoenix", 1);
        using var lost = KeepAliveTests.Greeted(env, self);
        Assert.That(await network.NextNetworkAsync(), Is.EqualTo($"connected {self}"));

        using var again = KeepAliveTests.Greeted(env, self);
        var events = (await network.NextNetworkAsync(), await network.NextNetworkAsync());
        var ended = KeepAliveTests.IsEnded(lost);
        var ask = env.RefTo(new RpcEndpointAddress(self, "e")).AskAsync<object>(1).AsTask();
        var (definition, question) = (KeepAliveTests.ReadFrame(again), KeepAliveTests.ReadFrame(again));
        again.Send(Frames.Frame(Frames.ReplyKind, question[1..9], [0]));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(new[] { events.Item1, events.Item2 }, Is.EquivalentTo(new[] { $"disconnected {self}", $"connected {self}" }));
            Assert.That(ended, Is.True);
            Assert.That((definition[0], question[0]), Is.EqualTo((Frames.DefineKind, Frames.AskKind)));
            Assert.That(await ask.WaitAsync(Envs.Patience), Is.Null);
        }
    }

    [Test]
    public async Task An_env_that_does_not_listen_is_answered_over_its_own_connection_and_by_nobody_else()
    {
        await using var server = Envs.New("server");
        await using var other = Envs.New("other");
        await using var client = Envs.New(Envs.Options("client") with { Listen = false });
        var self = client.SetupEndpoint("back", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        var taken = new TaskCompletionSource<RpcEndpointRef>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.SetupEndpoint("e", new TestEndpoint(message => taken.SetResult(((CallMe)message).Back))).From(client).Send(new CallMe(self, ""));

        var back = await taken.Task.WaitAsync(Envs.Patience);
        var answer = await back.AskAsync<int>(5).AsTask().WaitAsync(Envs.Patience);
        var error = Assert.ThrowsAsync<RpcConnectionException>(() => self.From(other).AskAsync<int>(6).AsTask().WaitAsync(Envs.Patience));

        Assert.That(answer, Is.EqualTo(5));
        Assert.That(error!.Message, Does.Contain("its env does not listen"));
    }

    [Test]
    public async Task Both_names_of_a_peer_lead_to_it_at_once()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        var names = new[] { "127.0.0.1", "localhost", "127.0.0.1", "localhost" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i =>
            client.RefTo(new RpcEndpointAddress(new RpcAddress(names[i % 4], server.Address.Port), "e")).AskAsync<int>(i).AsTask())).WaitAsync(Envs.Patience);

        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, 100)));
    }

    [Test]
    [Platform("Linux", Reason = "The process is one that reads /proc.")]
    [UnsupportedOSPlatform("windows")]
    public async Task Who_watches_an_endpoint_is_told_when_its_process_is_killed()
    {
        await using var env = await FuzzedEnv.StartAsync();
        var told = new TaskCompletionSource<EndpointTerminated>(TaskCreationOptions.RunContinuationsAsynchronously);
        var there = await env.Client.SetupEndpointRefAsync(new RpcEndpointAddress(env.Address, "e")).WaitAsync(Envs.Patience);
        env.Client.SetupEndpoint("watcher", new Watcher(there, told));
        await env.StatusAsync();

        env.Kill();

        Assert.That(await told.Task.WaitAsync(Envs.Patience), Is.EqualTo(new EndpointTerminated(there, TerminationCause.NodeGone)));
    }

    private sealed class Watcher(RpcEndpointRef watched, TaskCompletionSource<EndpointTerminated> told) : RpcEndpoint
    {
        public override void OnStart() => Watch(watched);

        public override void Receive(object message) => told.SetResult((EndpointTerminated)message);
    }
}
