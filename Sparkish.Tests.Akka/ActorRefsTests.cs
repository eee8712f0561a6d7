using Akka.Actor;
using Akka.Configuration;
using Sparkish.Akka;
using Sparkish.Rpc;
using Sparkish.TestKit;

namespace Sparkish.Tests.Akka;

/// <summary>Refs lead from envs to actors and back, and an env runs on an actor system that is there already.</summary>
internal sealed class ActorRefsTests
{
    private const string Remoting = AkkaEnvs.Remoting;

    private RpcEnv _env = null!;
    private RpcEnv _other = null!;

    [SetUp]
    public void StartEnvs() => (_env, _other) = (AkkaEnvs.New("here"), AkkaEnvs.New("there"));

    [TearDown]
    public async Task StopEnvs()
    {
        await _env.DisposeAsync();
        await _other.DisposeAsync();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_actor_tells_an_endpoint(bool remote)
    {
        var probe = TestProbe.On(remote ? _other : _env);

        _env.ToActorRef(_env.RefTo(probe.Self)).Tell(new Note("hello"));

        Assert.That(await probe.ExpectAsync<Note>(), Is.EqualTo(new Note("hello")));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_actor_asks_an_endpoint(bool remote)
    {
        var echo = (remote ? _other : _env).SetupEndpoint("echo", new Echo());
        var actor = _env.ToActorRef(_env.RefTo(echo));

        Assert.That(await actor.Ask<Note>(new Note("hello"), AkkaEnvs.Patience), Is.EqualTo(new Note("hello")));
        Assert.That(async () => await actor.Ask<Note>(new Note("fail"), AkkaEnvs.Patience), Throws.InstanceOf<Exception>().With.Message.EqualTo("told to"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_actor_watches_an_endpoint(bool remote)
    {
        var env = remote ? _other : _env;
        var echo = env.SetupEndpoint("echo", new Echo());
        var actor = _env.ToActorRef(_env.RefTo(echo));
        var ended = _env.NewCompletion<IActorRef>();
        var watcher = _env.GetActorSystem().ActorOf(Props.Create(() => new Watcher(actor, ended)));
        await watcher.Ask<string>("ready?", AkkaEnvs.Patience);

        env.Stop(echo);

        Assert.That(await ended.Task.WaitAsync(AkkaEnvs.Patience), Is.EqualTo(actor));
    }

    [Test]
    public async Task A_poison_pill_stops_an_endpoint_of_the_env()
    {
        var probe = TestProbe.On(_env);
        var echo = _env.SetupEndpoint("echo", new Echo());
        probe.Watch(echo);
        await probe.ExpectTerminatedAfterWatchAsync(_env);

        _env.ToActorRef(echo).Tell(PoisonPill.Instance);

        Assert.That((await probe.ExpectTerminatedAsync(echo)).Cause, Is.EqualTo(TerminationCause.Stopped));
    }

    [Test]
    public async Task An_endpoint_has_an_actor_of_its_name_which_refuses_what_it_is_told_by_itself()
    {
        var letters = new EventLog<DeadLetter>(_env, "Dead letters");
        using var subscription = _env.DeadLetters.Subscribe(letters.Add);
        var probe = TestProbe.On(_env, "my endpoint");

        _env.GetActorSystem().ActorSelection("/user/my%20endpoint").Tell(new Note("from where?"));

        var letter = await letters.NextAsync();
        Assert.That((letter.Reason, letter.Endpoint, letter.Message),
            Is.EqualTo((DeadLetterReason.Unreadable, "my endpoint", (object)new Note("from where?"))));
        Assert.That(letter.Description, Does.Contain("ToActorRef"));
        await probe.ExpectNoneAsync(TimeSpan.FromMilliseconds(50));
    }

    [Test]
    public void A_ref_of_another_env_is_refused()
    {
        var there = _other.SetupEndpoint("echo", new Echo());

        Assert.That(() => _env.ToActorRef(there), Throws.ArgumentException.With.Message.Contains("here"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_endpoint_sends_to_an_actor_and_asks_it(bool remote)
    {
        var got = _env.NewCompletion<object>();
        var actor = _env.GetActorSystem().ActorOf(Props.Create(() => new Answering(got)), "answering");
        var there = (remote ? _other : _env).RefTo(_env.FromActorRef(actor));

        there.Send(new Note("hello"));
        var answer = await there.AskAsync<Note>(new Note("ask"));

        Assert.That((there.Name, await got.Task.WaitAsync(AkkaEnvs.Patience), answer),
            Is.EqualTo(("answering", (object)new Note("hello"), new Note("answer"))));
        Assert.That(async () => await there.AskAsync<Note>(new Note("fail")), Throws.InstanceOf<Exception>().With.Message.Contains("told to"));
    }

    [Test]
    public async Task An_actor_that_does_not_answer_in_its_time_fails_the_ask()
    {
        var actor = _env.GetActorSystem().ActorOf(Props.Create(() => new Silent()));
        var endpoint = _env.FromActorRef(actor, "silent", TimeSpan.FromMilliseconds(1));

        Assert.That(async () => await _other.RefTo(endpoint).AskAsync<Note>(new Note("ask"), AkkaEnvs.Patience),
            Throws.InstanceOf<Exception>().With.Message.Contains("Timeout"));
    }

    [Test]
    public async Task An_actor_system_that_has_ended_is_refused()
    {
        using var system = ActorSystem.Create("ended", ConfigurationFactory.ParseString(Remoting));
        await system.Terminate();

        Assert.That(() => AkkaRpcEnv.Over(system, AkkaEnvs.Options("over")), Throws.InstanceOf<SparkException>().With.Message.Contains("'ended' has ended"));
    }

    [Test]
    public async Task An_endpoint_that_stands_for_an_actor_ends_with_it()
    {
        var actor = _env.GetActorSystem().ActorOf(Props.Create(() => new Answering(_env.NewCompletion<object>())));
        var endpoint = _env.FromActorRef(actor, "actor");
        var probe = TestProbe.On(_other);
        probe.Watch(_other.RefTo(endpoint));
        await probe.ExpectTerminatedAfterWatchAsync(_env);

        actor.Tell(PoisonPill.Instance);

        Assert.That((await probe.ExpectTerminatedAsync(_other.RefTo(endpoint))).Cause, Is.EqualTo(TerminationCause.Stopped));
    }

    [Test]
    public void The_way_back_is_the_endpoint_itself()
    {
        var echo = _env.SetupEndpoint("echo", new Echo());

        Assert.That(_env.FromActorRef(_env.ToActorRef(echo)), Is.EqualTo(echo));
    }

    [Test]
    public async Task An_env_over_an_actor_system_leaves_the_system_running()
    {
        using var system = ActorSystem.Create("mine", ConfigurationFactory.ParseString(Remoting));
        await using (var env = AkkaRpcEnv.Over(system, AkkaEnvs.Options("over")))
        {
            var isolated = env.SetupEndpoint("alone", new IsolatedEcho());
            var there = _other.RefTo(env.SetupEndpoint("echo", new Echo()));
            Assert.That((await there.AskAsync<Note>(new Note("over")), await isolated.AskAsync<int>(7)), Is.EqualTo((new Note("over"), 7)));
        }

        var got = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = await system.ActorOf(Props.Create(() => new Answering(got))).Ask<Note>(new Note("ask"), AkkaEnvs.Patience);
        Assert.That((system.WhenTerminated.IsCompleted, answer), Is.EqualTo((false, new Note("answer"))));
    }

    [Test]
    public async Task An_env_over_an_actor_system_outlives_an_extension_that_adds_settings()
    {
        using var system = ActorSystem.Create("mine", ConfigurationFactory.ParseString(Remoting));
        await using var env = AkkaRpcEnv.Over(system, AkkaEnvs.Options("over"));
        system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString("extension.setting = on"));

        Assert.That(await _other.RefTo(env.SetupEndpoint("echo", new Echo())).AskAsync<Note>(new Note("over")), Is.EqualTo(new Note("over")));
    }

    [Test]
    public async Task An_env_ends_with_the_actor_system_under_it()
    {
        using var system = ActorSystem.Create("mine", ConfigurationFactory.ParseString(Remoting));
        var env = AkkaRpcEnv.Over(system, AkkaEnvs.Options("over"));
        var stopped = env.NewCompletion<bool>();
        env.SetupEndpoint("e", new Stopping(stopped));

        await system.Terminate();

        await env.Termination.WaitAsync(AkkaEnvs.Patience);
        Assert.That(await stopped.Task.WaitAsync(AkkaEnvs.Patience));
    }

    [Test]
    public void An_actor_system_without_remoting_is_refused()
    {
        using var system = ActorSystem.Create("local", "akka { loglevel = OFF, stdout-loglevel = OFF }");

        Assert.That(() => AkkaRpcEnv.Over(system, AkkaEnvs.Options("over")), Throws.InstanceOf<SparkException>().With.Message.Contains("akka.actor.provider"));
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef watched, TaskCompletionSource<IActorRef> ended)
        {
            Context.Watch(watched);
            Receive<Terminated>(m => ended.TrySetResult(m.ActorRef));
            Receive<string>(_ => Sender.Tell("ready"));
        }
    }

    private sealed class Answering : ReceiveActor
    {
        public Answering(TaskCompletionSource<object> got)
        {
            Receive<Note>(m => m.Text == "ask", _ => Sender.Tell(new Note("answer")));
            Receive<Note>(m => m.Text == "fail", _ => Sender.Tell(new Status.Failure(new InvalidOperationException("told to"))));
            ReceiveAny(got.SetResult);
        }
    }

    private sealed class Silent : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }
    }

    private sealed class IsolatedEcho : IsolatedRpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(message);
    }

    private sealed class Stopping(TaskCompletionSource<bool> stopped) : RpcEndpoint
    {
        public override void OnStop() => stopped.TrySetResult(true);
    }
}

/// <summary>Waits that these tests share.</summary>
internal static class ProbeWaits
{
    /// <summary>After this, watches that the probe has begun at a node have been taken note of.</summary>
    public static async Task ExpectTerminatedAfterWatchAsync(this TestProbe probe, RpcEnv watched)
    {
        var nobody = probe.Env.RefTo(new RpcEndpointAddress(watched.Address, "nobody"));
        probe.Watch(nobody);
        await probe.ExpectTerminatedAsync(nobody);
    }
}
