using Akka.Actor;
using Sparkish.Rpc;
using Sparkish.TestKit.Akka.NUnit;

namespace Sparkish.Tests.Akka.TestKits;

/// <summary>Probes of Akka and of Sparkish see actors and endpoints, in an actor system per test.</summary>
internal sealed class AkkaTestKitTests() : AkkaTestKit(Remoting)
{
    private static readonly HashSet<ActorSystem> Seen = [];

    [TestCase(1)]
    [TestCase(2)]
    public void A_test_has_a_system_of_its_own(int test) => Assert.That((Seen.Add(Sys), Sys.WhenTerminated.IsCompleted), Is.EqualTo((true, false)), $"test {test}");

    [Test]
    public void The_test_actor_is_the_sender()
    {
        var echo = Sys.ActorOf(Props.Create(() => new EchoActor()));

        echo.Tell("hello");

        ExpectMsg("hello");
    }

    [Test]
    public async Task The_test_actor_is_the_sender_after_an_await_too()
    {
        var echo = Sys.ActorOf(Props.Create(() => new EchoActor()));
        await Task.Yield();

        echo.Tell("hello");

        await ExpectMsgAsync("hello");
    }

    [Test]
    public async Task A_probe_of_Akka_is_an_endpoint()
    {
        var env = StartEnv(messages: AkkaEnvs.Messages);
        await using var other = AkkaEnvs.New("other");
        var probe = CreateTestProbe();
        var endpoint = Sparkish.TestKit.TestEnvs.RefTo(other, probe.AsEndpoint(env, "probe"));

        endpoint.Send(new Note("sent"));
        await probe.ExpectMsgAsync(new Note("sent"));
        var answer = endpoint.AskAsync<Note>(new Note("asked"));
        await probe.ExpectMsgAsync(new Note("asked"));
        probe.Reply(new Note("answer"));

        Assert.That((await answer, endpoint.Name), Is.EqualTo((new Note("answer"), "probe")));
    }

    [Test]
    public async Task A_probe_of_Sparkish_is_an_actor()
    {
        var probe = Sparkish.TestKit.TestProbe.On(StartEnv());
        var actor = probe.AsActor();

        actor.Tell("told");
        await probe.ExpectAsync<string>(text => text == "told");
        var answer = actor.Ask<string>("asked", AkkaEnvs.Patience);
        (await probe.ExpectAskAsync<string>(text => text == "asked")).Reply("answer");

        Assert.That(await answer, Is.EqualTo("answer"));
    }

    [Test]
    public async Task A_probe_of_Akka_watches_an_endpoint_and_asks_it()
    {
        var env = StartEnv();
        var probe = CreateTestProbe();
        var echo = env.SetupEndpoint("echo", new Echo());

        probe.Ask(echo, new Note("hello"));
        await probe.ExpectMsgAsync(new Note("hello"));
        probe.Ask(echo, new Note("fail"));
        var failure = await probe.ExpectMsgAsync<Status.Failure>();
        probe.Ask(env.SetupEndpoint("nothing", new Nothing()), "?");
        await probe.ExpectMsgAsync<Status.Success>();
        var watched = ProbeExtensions.Watch(probe, echo);
        env.Stop(echo);
        await probe.ExpectTerminatedAsync(watched);

        Assert.That(failure.Cause.Message, Is.EqualTo("told to"));
    }

    [Test]
    public async Task Envs_stop_after_their_test()
    {
        var env = StartEnv();

        await StopActorSystemAsync();

        Assert.That((env.Termination.IsCompletedSuccessfully, Sys.WhenTerminated.IsCompleted), Is.EqualTo((true, true)));
    }

    private sealed class EchoActor : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private sealed class Nothing : RpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(null);
    }
}
