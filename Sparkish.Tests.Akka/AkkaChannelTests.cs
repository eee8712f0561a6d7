using Akka.Actor;
using Akka.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Akka;
using Sparkish.Akka.Channels;
using Sparkish.Rpc;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;
using Sparkish.TestKit;

namespace Sparkish.Tests.Akka;

/// <summary>Which channels over Akka.Remote have TLS, and on which threads they are read.</summary>
internal sealed class AkkaChannelTests
{
    private const string Listening = "listening";

    [TestCase(false, true, false)]
    [TestCase(true, true, true)]
    [TestCase(false, false, true)]
    public async Task A_channel_has_TLS_where_something_is_proven_and_beyond_this_machine(bool proves, bool staysHere, bool hasTls)
    {
        using var system = ActorSystem.Create("both", ConfigurationFactory.ParseString(AkkaEnvs.Remoting));
        using var tls = TlsIdentity.Ephemeral();
        var arrived = new TaskCompletionSource<AkkaChannel>(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = system.ActorOf(Props.Create(() => new GateActor(channel => arrived.TrySetResult(channel))));
        using var dialled = await DialAsync(system, gate);
        var keyring = new Keyring();
        if (proves) keyring.UseAutomatic("the secret of a local cluster"u8);
        var security = SecurityManager.From(new SparkConf(false), NullLogger.Instance, keyring, static _ => null);

        var accepting = PeerChannel.AcceptAsync(await arrived.Task.WaitAsync(AkkaEnvs.Patience), SecurityManager.None(), tls, CancellationToken.None);
        var (connected, connectedTo, _) = await PeerChannel.ConnectAsync(
            dialled, new RpcAddress(Listening, 1), staysHere, security, tls, CancellationToken.None).WaitAsync(AkkaEnvs.Patience);
        if (!connected.IsEncrypted) await connected.SendAsync(HandshakeFormat.Magic.ToArray());
        var (accepted, acceptedFrom, _) = await accepting.WaitAsync(AkkaEnvs.Patience);

        Assert.That((connected.IsEncrypted, accepted.IsEncrypted), Is.EqualTo((hasTls, hasTls)));
        Assert.That((connectedTo.IsShared, acceptedFrom.IsShared), Is.EqualTo((!hasTls, !hasTls)));
        Assert.That(connectedTo.ServerCertificate.ToArray(), Is.EqualTo((hasTls ? tls.Hash : default).ToArray()), "proofs are bound to the certificate");
    }

    [Test]
    public async Task A_channel_without_TLS_is_refused_by_a_node_with_a_secret()
    {
        await using var server = AkkaEnvs.New("server",
            new SparkConf(false).Set("spark.authenticate", "true").Set("spark.authenticate.secret", "a secret of these tests and of nobody else"));
        using var stranger = ActorSystem.Create("stranger", ConfigurationFactory.ParseString(AkkaEnvs.Remoting));
        using var tls = TlsIdentity.Ephemeral();
        ActorSystems.Check(stranger, NullLogger.Instance);
        var gate = $"{SystemAddress.Of(server.GetActorSystem())}/user/sparkish-gate";
        using var dialled = await DialAsync(stranger, ((ExtendedActorSystem)stranger).Provider.ResolveActorRef(gate));
        var (channel, binding, _) = await PeerChannel.ConnectAsync(
            dialled, server.Address, staysHere: true, SecurityManager.None(), tls, CancellationToken.None);
        var handshake = new ClientHandshake(
            new Hello(ConnectionKind.Messages, "stranger", new RpcAddress("127.0.0.1", 1), 7, []), Credential.None, binding);

        await channel.SendAsync(handshake.Opening);
        await HandshakeIo.FillAsync(channel, new byte[HandshakeFormat.PreludeBytes], CancellationToken.None).AsTask().WaitAsync(AkkaEnvs.Patience);
        var (step, body) = await HandshakeIo.ReadAsync(channel, CancellationToken.None).WaitAsync(AkkaEnvs.Patience);

        Assert.That(step, Is.EqualTo(HandshakeStep.Refused));
        Assert.That(HandshakeFormat.DecodeRefusal(body), Does.Contain("TLS"));
    }

    [Test]
    public async Task A_handler_that_waits_for_the_next_message_of_its_connection_gets_it()
    {
        await using var server = AkkaEnvs.New("server");
        await using var client = AkkaEnvs.New("client");
        using var released = new ManualResetEventSlim();
        var waiting = client.RefTo(server.SetupEndpoint("waiting", new Handling(_ => released.Wait(AkkaEnvs.Patience))));
        var releasing = client.RefTo(server.SetupEndpoint("releasing", new Handling(_ =>
        {
            released.Set();
            return true;
        })));

        var answer = waiting.AskAsync<Note>(new Note("wait")).AsTask();
        releasing.Send(new Note("release"));

        Assert.That(await answer.WaitAsync(AkkaEnvs.Patience), Is.EqualTo(new Note("True")));
    }

    [Test]
    public async Task An_asker_that_blocks_after_its_reply_does_not_hold_up_the_next_reply()
    {
        await using var server = AkkaEnvs.New("server");
        await using var client = AkkaEnvs.New("client");
        var echo = client.RefTo(server.SetupEndpoint("echo", new Echo()));

        var blocking = Task.Run(async () =>
        {
            var first = await echo.AskAsync<Note>(new Note("1")).ConfigureAwait(false);
            return first.Text + echo.AskSync<Note>(new Note("2")).Text;
        });

        Assert.That(await blocking.WaitAsync(AkkaEnvs.Patience), Is.EqualTo("12"));
    }

    private static async Task<AkkaChannel> DialAsync(ActorSystem system, IActorRef gate)
    {
        var channel = AkkaChannel.To(gate);
        system.ActorOf(Props.Create(() => new GateActor(null))).Tell(new GateActor.Dial(channel));
        await channel.Opened.WaitAsync(AkkaEnvs.Patience);
        return channel;
    }

    /// <summary>Answers with what its handler returns, and handles messages in the same way.</summary>
    private sealed class Handling(Func<object, bool> handle) : RpcEndpoint
    {
        public override void Receive(object message) => handle(message);

        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(new Note($"{handle(message)}"));
    }
}
