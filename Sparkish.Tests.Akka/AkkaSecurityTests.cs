using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Sparkish.Akka;
using Sparkish.Akka.Channels;
using Sparkish.Rpc;
using Sparkish.TestKit;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Akka;

/// <summary>The handshake admits peers to an env on Akka.NET, and Akka's own port admits none.</summary>
internal sealed class AkkaSecurityTests
{
    private const string Secret = "a secret of these tests and of nobody else";
    private const string Stranger = AkkaEnvs.Remoting;

    [Test]
    public void Beyond_this_machine_a_secret_is_not_enough() => Assert.That(() => AkkaEnvs.New("open", WithSecret(Secret), "0.0.0.0"),
        Throws.InstanceOf<SparkException>().With.Message.Contains("0.0.0.0").And.Message.Contains("spark.ssl.rpc"));

    [TestCase(null)]
    [TestCase(Secret)]
    public async Task Nodes_with_the_same_secret_or_none_speak(string? secret)
    {
        await using var server = AkkaEnvs.New("server", WithSecret(secret));
        await using var client = AkkaEnvs.New("client", WithSecret(secret));

        var peer = await client.RefTo(server.SetupEndpoint("who", new Who())).AskAsync<Note>(new Note("?"));

        Assert.That(peer.Text, Is.EqualTo($"{client.Address} {secret is not null}"));
    }

    [TestCase(null)]
    [TestCase("another secret, which the server has not")]
    public async Task A_node_with_another_secret_or_none_is_refused(string? secret)
    {
        await using var server = AkkaEnvs.New("server", WithSecret(Secret));
        await using var client = AkkaEnvs.New("client", WithSecret(secret));
        var probe = TestProbe.On(server);

        Assert.That(async () => await client.RefTo(probe.Self).AskAsync<Note>(new Note("?")),
            Throws.InstanceOf<RpcConnectionException>().With.Message.Contains("spark.authenticate.secret"));
        await probe.ExpectNoneAsync(TimeSpan.FromMilliseconds(50));
    }

    [Test]
    public async Task Nodes_with_certificates_of_one_authority_speak_beyond_this_machine_too()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        await using var server = RpcEnv.Create(AkkaEnvs.Options("server", authority.Node("server").Set("spark.rpc.factory", "akka"), "0.0.0.0") with
        {
            AdvertisedHost = "127.0.0.1", // the host that the certificate is for
        });
        await using var client = AkkaEnvs.New("client", authority.Node("client"));

        var peer = await client.RefTo(server.SetupEndpoint("who", new Who())).AskAsync<Note>(new Note("?"));

        Assert.That(peer.Text, Is.EqualTo($"{client.Address} True"));
    }

    [TestCase("stranger")]
    [TestCase("expired")]
    [TestCase("none")]
    public async Task A_node_without_a_certificate_that_counts_is_refused(string kind)
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        using var others = new TestAuthority(directory.Path, "Other CA");
        await using var server = AkkaEnvs.New("server", authority.Node("server"));
        await using var client = AkkaEnvs.New("client", kind switch
        {
            "stranger" => others.Node("client").Set("spark.ssl.rpc.trustStore", authority.Pem),
            "expired" => authority.Node("client", expired: true),
            _ => new SparkConf(false),
        });
        var probe = TestProbe.On(server);

        Assert.That(async () => await client.RefTo(probe.Self).AskAsync<Note>(new Note("?")), Throws.InstanceOf<RpcConnectionException>());
        await probe.ExpectNoneAsync(TimeSpan.FromMilliseconds(50));
    }

    [Test]
    public async Task The_port_of_Akka_takes_no_connection_without_a_certificate()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        await using var server = AkkaEnvs.New("server", authority.Node("server"));
        using var stranger = ActorSystem.Create("stranger", ConfigurationFactory.ParseString(Stranger));
        var letters = new EventLog<DeadLetter>(server, "Dead letters");
        using var subscription = server.DeadLetters.Subscribe(letters.Add);
        TestProbe.On(server, "e");

        Assert.That((await IdentifyAsync(stranger, server)).Subject, Is.Null, "Akka answers for a system that cannot be reached");
        Assert.That(letters.Count, Is.Zero);
    }

    [Test]
    public async Task A_stranger_s_actor_system_reaches_no_endpoint()
    {
        await using var server = AkkaEnvs.New("server", WithSecret(Secret));
        using var stranger = ActorSystem.Create("stranger", ConfigurationFactory.ParseString(Stranger));
        var letters = new EventLog<DeadLetter>(server, "Dead letters");
        using var subscription = server.DeadLetters.Subscribe(letters.Add);
        var probe = TestProbe.On(server, "e");
        var there = ((ExtendedActorSystem)stranger).Provider.ResolveActorRef($"{SystemAddress.Of(server.GetActorSystem())}/user/e");

        Assert.That((await IdentifyAsync(stranger, server)).Subject, Is.Not.Null, "it reaches the port");
        there.Tell(PoisonPill.Instance);
        there.Tell(new Note("an object, by the JSON serializer"));
        there.Tell("a text, which Akka reads itself");

        var letter = await letters.NextAsync();
        Assert.That((letter.Reason, letter.Message), Is.EqualTo((DeadLetterReason.Unreadable, (object)"a text, which Akka reads itself")));
        probe.Self.Send(new Note("still there"));
        Assert.That(await probe.ExpectAsync<object>(), Is.EqualTo(new Note("still there")));
    }

    [Test]
    public async Task A_stranger_s_actor_system_kills_nothing()
    {
        await using var server = AkkaEnvs.New("server");
        await using var client = AkkaEnvs.New("client");
        using var stranger = ActorSystem.Create("stranger", ConfigurationFactory.ParseString(Stranger));
        var echo = server.SetupEndpoint("echo", new Echo());
        var address = SystemAddress.Of(server.GetActorSystem());
        foreach (var path in new[] { "/user/sparkish-gate", "/user/echo", "/user", "/system", "/" })
        {
            var actor = ((ExtendedActorSystem)stranger).Provider.ResolveActorRef($"{address}{path}");
            actor.Tell(Kill.Instance);
            actor.Tell(PoisonPill.Instance);
        }

        Assert.That((await IdentifyAsync(stranger, server, "echo")).Subject, Is.Not.Null, "all of them have arrived");
        Assert.That(await client.RefTo(echo).AskAsync<Note>(new Note("?")), Is.EqualTo(new Note("?")));
    }

    [Test]
    public async Task A_stranger_s_system_messages_suspend_restart_and_end_nothing()
    {
        await using var server = AkkaEnvs.New("server");
        await using var client = AkkaEnvs.New("client");
        using var stranger = ActorSystem.Create("stranger", ConfigurationFactory.ParseString(Stranger));
        var echo = server.SetupEndpoint("echo", new Echo());
        var address = SystemAddress.Of(server.GetActorSystem());
        foreach (var path in new[] { "/user/sparkish-gate", "/user/echo", "/user", "/system", "/" })
        {
            var actor = (IInternalActorRef)((ExtendedActorSystem)stranger).Provider.ResolveActorRef($"{address}{path}");
            actor.SendSystemMessage(new Suspend());
            actor.SendSystemMessage(new Recreate(new InvalidOperationException("of the stranger")));
            actor.SendSystemMessage(new Suspend());
            actor.SendSystemMessage(new Terminate());
        }

        Assert.That((await IdentifyAsync(stranger, server, "echo")).Subject, Is.Not.Null, "all of them have arrived");
        Assert.That(await client.RefTo(echo).AskAsync<Note>(new Note("?")), Is.EqualTo(new Note("?")));
    }

    [Test]
    public async Task A_stranger_deploys_nothing()
    {
        await using var server = AkkaEnvs.New("server");
        using var stranger = ActorSystem.Create("stranger", ConfigurationFactory.ParseString(Stranger));
        var address = SystemAddress.Of(server.GetActorSystem());

        var deployed = stranger.ActorOf(Props.Create<Deployed>().WithDeploy(new global::Akka.Actor.Deploy(new RemoteScope(address))));

        Assert.That(deployed.Path.Address, Is.EqualTo(address), "it was meant to run there");
        Assert.That((await deployed.Ask<ActorIdentity>(new Identify(1), AkkaEnvs.Patience)).Subject, Is.Null, "no actor has this path there");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_node_of_the_other_env_that_is_dialled_by_mistake_gives_an_error_on_both_sides(bool fromAkka)
    {
        var log = new Lines();
        var options = AkkaEnvs.Options("dialled", new SparkConf(false).Set("spark.rpc.factory", fromAkka ? "network" : "akka")) with { LoggerFactory = log };
        await using var dialled = RpcEnv.Create(options);
        await using var dialling = RpcEnv.Create(AkkaEnvs.Options("dialling", new SparkConf(false).Set("spark.rpc.factory", fromAkka ? "akka" : "network")));

        Assert.That(async () => await dialling.RefTo(dialled.SetupEndpoint("echo", new Echo())).AskAsync<Note>(new Note("?")),
            Throws.InstanceOf<RpcConnectionException>().With.Message.Contains("spark.rpc.factory"));
        await log.WhenLoggedAsync("spark.rpc.factory").WaitAsync(AkkaEnvs.Patience);
    }

    /// <summary>What a stranger would like to run here.</summary>
    private sealed class Deployed : ReceiveActor;

    private static async Task<ActorIdentity> IdentifyAsync(ActorSystem stranger, RpcEnv server, string name = "e") =>
        await ((ExtendedActorSystem)stranger).Provider.ResolveActorRef($"{SystemAddress.Of(server.GetActorSystem())}/user/{name}")
            .Ask<ActorIdentity>(new Identify(1), AkkaEnvs.Patience);

    private static SparkConf WithSecret(string? secret) =>
        secret is null ? new SparkConf(false) : new SparkConf(false).Set("spark.authenticate", "true").Set("spark.authenticate.secret", secret);

    /// <summary>Answers with the peer that asked.</summary>
    private sealed class Who : RpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(new Note($"{call.Peer!.Address} {call.IsAuthenticated}"));
    }
}
