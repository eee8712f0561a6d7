using Sparkish.Deploy;
using Sparkish.Executor;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Security;
using Sparkish.Serialization.Messages;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>Messages are admitted by the role of their sender, by number and before they are read.</summary>
[NonParallelizable]
internal sealed class SendersTests
{
    private static readonly Type[] Everybodys = [typeof(bool), typeof(int), typeof(long), typeof(string), typeof(RpcEndpointRef)];

    [Test]
    public void Every_message_of_the_engine_says_who_sends_it()
    {
        var silent = DeployMessages.Register(SchedulerMessages.Register(new MessageRegistry())).Types
            .Where(type => type.Senders == Senders.Anyone && !Everybodys.Contains(type.Type)).Select(type => type.Type.Name);

        Assert.That(silent, Is.Empty, "name the senders in SchedulerMessages or DeployMessages");
    }

    [Test]
    public void The_frameworks_own_messages_are_for_nodes_but_for_look_ups_and_watches()
    {
        Type[] open = [typeof(CheckExistence), typeof(WatchEndpoint), typeof(UnwatchEndpoint), typeof(WatchedEndpointStopped)];

        var others = CoreMessages.Registry.Types.Where(type => !Everybodys.Concat(open).Contains(type.Type)).ToList();

        Assert.That(others, Is.Not.Empty);
        Assert.That(others.Where(type => type.Senders != Senders.Node).Select(type => type.Type.Name), Is.Empty);
    }

    [TestCase("", new string[0], Senders.Other | Senders.Node)]
    [TestCase("cluster", new[] { "worker", "rack-7" }, Senders.Worker | Senders.Node)]
    [TestCase("client", new[] { "driver" }, Senders.Driver)]
    [TestCase("app:app-1", new[] { "executor" }, Senders.Executor)]
    public void A_peer_is_what_it_has_proven(string realm, string[] roles, Senders expected) =>
        Assert.That(new RpcPeer(new RpcAddress("h", 1), 1, roles, isAuthenticated: true, dialledAs: null, realm).Senders, Is.EqualTo(expected));

    [Test]
    public async Task A_message_of_a_peer_in_another_role_is_refused_before_it_is_read()
    {
        using var log = new RecordedLog();
        await using var server = Envs.New(Options("server") with { LoggerFactory = log });
        var endpoint = new TestEndpoint(onAsk: (message, call) => call.Reply(true));
        var there = server.SetupEndpoint("e", endpoint);
        await using var worker = Envs.New(Options("worker") with { Roles = [ClusterRoles.Worker] });
        await using var other = Envs.New(Options("other") with { Roles = ["anything"] });
        var made = Counted.Made;
        var message = new Counted(1);

        var asked = Assert.ThrowsAsync<RpcRemoteException>(() => there.From(other).AskAsync<bool>(message).AsTask().WaitAsync(Envs.Patience));
        there.From(other).Send(message);
        var warning = await log.NextWarningAsync();
        var fromWorker = await there.From(worker).AskAsync<bool>(message).AsTask().WaitAsync(Envs.Patience);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked!.Message, Is.EqualTo(
                "Counted (message 150) is not accepted from a peer with none of the cluster's roles: only a worker may send it."));
            Assert.That(warning, Does.Contain("Could not read 1 message from").And.Contain("only a worker may send it"));
            Assert.That(fromWorker, Is.True);
            Assert.That(Counted.Made, Is.EqualTo(made + 2), "the message that was sent, and the worker's one that was read");
        }
    }

    [Test]
    public async Task A_reply_of_a_peer_in_another_role_is_refused_as_well()
    {
        await using var server = Envs.New(Options("server"));
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(new Counted(1))));
        await using var client = Envs.New(Options("client"));

        Assert.That(async () => await there.From(client).AskAsync<Counted>(1), Throws.TypeOf<SparkException>().With.Message.Contains("from a peer with none of the cluster's roles: only a worker may send it"));
    }

    [Test]
    public async Task An_env_takes_its_own_messages_whatever_their_senders()
    {
        await using var env = Envs.New(Options("env"));
        var self = env.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(call.Peer is null)));

        Assert.That(await self.AskAsync<bool>(new Counted(1)), Is.True);
    }

    [Test]
    public async Task A_handler_sees_who_sent_and_who_dialled()
    {
        await using var server = Envs.New(Envs.Options("server"));
        var seen = new WhoSent();
        var there = server.SetupEndpoint("e", seen);
        await using var client = Envs.New(Envs.Options("client") with { Roles = ["executor"] });
        var here = client.SetupEndpoint("e", new WhoSent());

        there.From(client).Send(1);
        var inbound = await seen.NextAsync();
        there.Send(2);
        var local = await seen.NextAsync();
        var asked = await here.From(server).AskAsync<string>("who").AsTask().WaitAsync(Envs.Patience);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((inbound!.Address, inbound.Incarnation, inbound.DialledAs), Is.EqualTo((client.Address, client.Incarnation, (RpcAddress?)null)));
            Assert.That(inbound.Roles, Is.EqualTo(new[] { "executor" }));
            Assert.That(local, Is.Null);
            Assert.That(asked, Is.EqualTo($"{server.Address} dialled as {server.Address}"));
        }
    }

    private static RpcEnvOptions Options(string name) =>
        Envs.Options(name) with { Messages = new MessageRegistry().Add<Counted>(150, Senders.Worker) };

    private sealed class WhoSent : RpcEndpoint
    {
        private readonly System.Threading.Channels.Channel<RpcPeer?> _seen = System.Threading.Channels.Channel.CreateUnbounded<RpcPeer?>();

        public Task<RpcPeer?> NextAsync() => _seen.Reader.ReadAsync().AsTask().WaitAsync(Envs.Patience);

        public override void Receive(object message) => _seen.Writer.TryWrite(Sender);

        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply($"{call.Peer!.Address} dialled as {call.Peer.DialledAs}");
    }
}
