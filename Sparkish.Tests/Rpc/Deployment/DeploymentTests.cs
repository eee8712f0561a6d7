using Sparkish.Rest;
using Sparkish.Rpc;
using Sparkish.Rpc.Deployment;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Types;
using Sparkish.TestKit;
using Sparkish.Tests.App;

namespace Sparkish.Tests.Rpc.Deployment;

/// <summary>Deployment between envs of one process, which has the application's assemblies by itself.</summary>
internal sealed class DeploymentTests
{
    [Test]
    public async Task An_endpoint_runs_on_another_node_with_what_its_factory_captured()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();

        var counter = await app.DeployAsync(node.Address, "counter", Props.Counter(40));
        var count = await counter.AskAsync<Count>(new Add(2, "two"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(counter.Address, Is.EqualTo(node.Address));
            Assert.That(counter.Name, Is.EqualTo("counter"));
            Assert.That(count.Value, Is.EqualTo(42));
            Assert.That(count.Notes, Is.EqualTo(new[] { "from 40", "two" }));
        }
    }

    [Test]
    public async Task An_env_deploys_to_itself_without_asking_anybody()
    {
        await using var env = DeploymentEnvs.New(enabled: false, authenticates: false);

        var counter = await env.DeployAsync(env.Address, "counter", Props.Counter(1));

        Assert.That((await counter.AskAsync<Count>(new Add(1, "x"))).Value, Is.EqualTo(2));
        await env.StopDeployedAsync(counter);
        await Assert.ThatAsync(async () => await counter.AskAsync<Count>(new Add(1, "x")), Throws.InstanceOf<EndpointNotFoundException>());
    }

    [Test]
    public async Task A_restart_makes_a_fresh_instance_from_what_was_captured_at_the_call()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        var counter = await app.DeployAsync(node.Address, "counter", Props.Counter(10));
        var before = await counter.AskAsync<Count>(new Add(5, "lost"));

        counter.Send(new Fail("on purpose"));
        var after = await counter.AskAsync<Count>(new Add(1, "kept"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(after.Value, Is.EqualTo(11));
            Assert.That(after.Notes, Is.EqualTo(new[] { "from 10", "kept" }));
            Assert.That(after.Instance, Is.Not.EqualTo(before.Instance));
        }
    }

    [Test]
    public async Task More_restarts_than_the_limit_end_it_and_whoever_watches_is_told()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        var counter = await app.DeployAsync(node.Address, "counter", Props.Counter(10) with { Restarts = new RestartLimit(1, TimeSpan.FromHours(1)) });
        var watcher = Watcher(app, counter);
        await watcher.NextAsync();

        counter.Send(new Fail("one"));
        counter.Send(new Fail("two"));

        Assert.That(await watcher.NextAsync(), Is.EqualTo(new EndpointTerminated(counter, TerminationCause.Stopped)));
    }

    [Test]
    public async Task A_restart_waits_for_the_backoff_that_the_deployer_chose()
    {
        var clock = new ManualClock();
        await using var node = DeploymentEnvs.New(time: clock);
        await using var app = DeploymentEnvs.New();
        var limit = new RestartLimit(3, TimeSpan.FromDays(1)) { MinBackoff = TimeSpan.FromSeconds(7), MaxBackoff = TimeSpan.FromHours(1), Jitter = 0 };
        var counter = await app.DeployAsync(node.Address, "counter", Props.Counter(10) with { Restarts = limit });
        var armed = clock.WhenTimerArmedAsync(after => after == limit.MinBackoff);

        counter.Send(new Fail("on purpose"));
        await armed.WaitAsync(Envs.Patience);
        clock.Advance(limit.MinBackoff);

        Assert.That((await counter.AskAsync<Count>(new Add(1, "kept")).AsTask().WaitAsync(Envs.Patience)).Value, Is.EqualTo(11));
    }

    [Test]
    public async Task A_deployed_endpoint_sends_messages_of_the_application_to_its_deployer()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        var listener = new TestEndpoint();
        var counter = await app.DeployAsync(node.Address, "counter", Props.Counter(1, app.SetupEndpoint("listener", listener)));

        counter.Send(new Add(1, "one"));

        Assert.That(new[] { await listener.NextAsync(), await listener.NextAsync(), await listener.NextAsync() },
            Is.EqualTo(new object[] { "start", new Heard("started"), new Heard("one") }));
    }

    [Test]
    public async Task It_is_stopped_from_elsewhere_once_and_for_all()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        var counter = await app.DeployAsync(node.Address, "counter", Props.Counter(1));

        await app.StopDeployedAsync(counter);
        await app.StopDeployedAsync(counter);

        await Assert.ThatAsync(async () => await counter.AskAsync<Count>(new Add(1, "x")), Throws.InstanceOf<EndpointNotFoundException>());
        var again = await app.DeployAsync(node.Address, "counter", Props.Counter(5));
        await app.StopDeployedAsync(counter);
        Assert.That((await again.AskAsync<Count>(new Add(1, "x"))).Value, Is.EqualTo(6), "a ref to the old one does not stop the new one");
    }

    [Test]
    public async Task What_was_not_deployed_is_not_stopped_from_elsewhere()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        var own = node.SetupEndpoint("own", new TestEndpoint());

        await Assert.ThatAsync(() => app.StopDeployedAsync(own.From(app)), Throws.InstanceOf<RpcRemoteException>().With.Message.Contains("was not deployed"));
    }

    [Test]
    public async Task It_ends_with_its_deployer_and_its_name_is_free_then()
    {
        await using var node = DeploymentEnvs.New();
        await using var other = DeploymentEnvs.New();
        var app = DeploymentEnvs.New();
        var counter = await app.DeployAsync(node.Address, "counter", Props.Counter(1));
        var watcher = Watcher(node, counter);
        await watcher.NextAsync();

        await app.DisposeAsync();

        Assert.That(await watcher.NextAsync(), Is.EqualTo(new EndpointTerminated(counter, TerminationCause.Stopped)));
        Assert.That((await (await other.DeployAsync(node.Address, "counter", Props.Counter(2))).AskAsync<Count>(new Add(1, "x"))).Value, Is.EqualTo(3));
    }

    [Test]
    public async Task It_outlives_its_deployer_where_the_props_say_so()
    {
        await using var node = DeploymentEnvs.New();
        await using var other = DeploymentEnvs.New();
        var app = DeploymentEnvs.New();
        var mortal = await app.DeployAsync(node.Address, "mortal", Props.Counter(1));
        var counter = await app.DeployAsync(node.Address, "counter", Props.Counter(1) with { StopsWithDeployer = false });
        var watcher = Watcher(node, mortal);
        await watcher.NextAsync();

        await app.DisposeAsync();
        await watcher.NextAsync();

        Assert.That(await other.SetupEndpointRefAsync(new RpcEndpointAddress(node.Address, "counter")), Is.EqualTo(counter));
        await other.StopDeployedAsync(counter);
        await Assert.ThatAsync(
            () => other.SetupEndpointRefAsync(new RpcEndpointAddress(node.Address, "counter")), Throws.InstanceOf<EndpointNotFoundException>());
    }

    [TestCase(false, true, "spark.rpc.deploy.enabled to 'true' there.")]
    [TestCase(true, false, "only authenticated peers to deploy endpoints: set spark.authenticate")]
    [TestCase(false, false, "spark.rpc.deploy.enabled to 'true' there, and spark.authenticate")]
    public async Task A_node_says_what_is_missing_when_it_refuses(bool enabled, bool authenticated, string reason)
    {
        await using var node = DeploymentEnvs.New(enabled, authenticated);
        await using var app = DeploymentEnvs.New(authenticates: authenticated);

        using (Assert.EnterMultipleScope())
        {
            await Assert.ThatAsync(
                () => app.DeployAsync(node.Address, "x", Props.Counter(1)), Throws.InstanceOf<RpcRemoteException>().With.Message.Contains(reason));
            await Assert.ThatAsync(() => app.StopDeployedAsync(app.RefTo(new RpcEndpointAddress(node.Address, "x"))),
                Throws.InstanceOf<RpcRemoteException>().With.Message.Contains(reason));
        }
    }

    [Test]
    public async Task A_name_that_is_taken_is_told()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        var counter = await app.DeployAsync(node.Address, "counter", Props.Counter(1));

        await Assert.ThatAsync(() => app.DeployAsync(node.Address, "counter", Props.Counter(2)),
            Throws.InstanceOf<RpcRemoteException>().With.Message.Contains("There is already an endpoint called 'counter'"));
        Assert.That((await counter.AskAsync<Count>(new Add(1, "x"))).Value, Is.EqualTo(2));
    }

    [Test]
    public async Task A_factory_that_throws_or_returns_null_is_told()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();

        await Assert.ThatAsync(
            () => app.DeployAsync(node.Address, "x", Props.Broken("no luck")), Throws.InstanceOf<RpcRemoteException>().With.Message.EqualTo("no luck"));
        await Assert.ThatAsync(() => app.DeployAsync(node.Address, "x", new EndpointProps(() => null!)),
            Throws.InstanceOf<RpcRemoteException>().With.Message.Contains("returned null"));
        Assert.That((await app.DeployAsync(node.Address, "x", Props.Counter(1))).Name, Is.EqualTo("x"));
    }

    [Test]
    public async Task An_assembly_that_needs_a_framework_which_the_process_has_loaded_later_is_deployed()
    {
        AspNetCoreRuntime.Load();
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();

        var deployed = await app.DeployAsync(node.Address, "x", new EndpointProps(() => new TestEndpoint()));

        Assert.That(deployed.Name, Is.EqualTo("x"));
    }

    [Test]
    public async Task What_cannot_be_sent_is_told_at_the_call_with_its_path()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();

        await Assert.ThatAsync(() => app.DeployAsync(node.Address, "x", Props.Unserializable()),
            Throws.InstanceOf<SerializationException>()
                .With.Message.Contains("EndpointProps(...) captures stream: System.IO.MemoryStream cannot be sent to another node"));
    }

    [Test]
    public async Task A_node_that_is_not_there_is_told()
    {
        await using var app = DeploymentEnvs.New();

        await Assert.ThatAsync(() => app.DeployAsync(ScriptedPeer.Nobody(), "x", Props.Counter(1)), Throws.InstanceOf<RpcConnectionException>());
    }

    [Test]
    public async Task An_env_that_nobody_can_dial_deploys_only_to_itself()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New(listens: false);

        await Assert.ThatAsync(
            () => app.DeployAsync(node.Address, "x", Props.Counter(1)), Throws.InstanceOf<SparkException>().With.Message.Contains("does not listen"));
        Assert.That((await app.DeployAsync(app.Address, "x", Props.Counter(1))).Name, Is.EqualTo("x"));
    }

    [Test]
    public async Task A_deployer_of_another_build_is_refused_with_both_builds_named()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        var message = MessageFrom(app) with { Build = "0.0.1 (other)" };

        await Assert.ThatAsync(() => AskAsync(app, node, message),
            Throws.InstanceOf<RpcRemoteException>().With.Message.Contains("0.0.1 (other)").And.Message.Contains(SparkishBuild.Current));
    }

    [Test]
    public async Task An_env_deploys_for_nobody_else()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        await using var victim = DeploymentEnvs.New();

        await Assert.ThatAsync(
            () => AskAsync(app, node, MessageFrom(victim)), Throws.InstanceOf<RpcRemoteException>().With.Message.Contains("an env may deploy for itself only"));
    }

    [Test]
    public async Task An_assembly_that_the_deployer_has_not_is_told()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        app.FileServer.ServeApplication();
        var message = MessageFrom(app) with { Assemblies = [new DeployedAssembly("Ghost", Guid.NewGuid(), new string('a', 64))] };

        await Assert.ThatAsync(() => AskAsync(app, node, message), Throws.InstanceOf<RpcRemoteException>().With.Message.Contains("/assemblies/Ghost"));
    }

    [Test]
    public async Task Types_that_no_deployment_brought_are_not_admitted()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = Envs.New(new RpcEnvOptions("app", node.Conf, new MessageRegistry()) { UserTypes = TypeBinder.Application });
        var own = node.SetupEndpoint("own", new TestEndpoint(onAsk: (_, call) => call.Reply(true)));

        await Assert.ThatAsync(async () => await own.From(app).AskAsync<bool>(new Add(1, "x")),
            Throws.InstanceOf<RpcRemoteException>().With.Message.Contains("this node accepts none"));
    }

    [Test]
    public async Task What_is_started_after_its_asker_gave_up_is_stopped_again()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();
        using var giveUp = new CancellationTokenSource();

        var deploying = app.DeployAsync(node.Address, "slow", new EndpointProps(() => new SlowEndpoint()), giveUp.Token);
        await SlowEndpoint.Making.Task.WaitAsync(Envs.Patience);
        await giveUp.CancelAsync();
        await Assert.ThatAsync(() => deploying, Throws.InstanceOf<OperationCanceledException>());
        SlowEndpoint.Gate.Set();

        await SlowEndpoint.Stopped.Task.WaitAsync(Envs.Patience);
    }

    private static TestEndpoint Watcher(RpcEnv env, RpcEndpointRef watched)
    {
        TestEndpoint? watcher = null;
        watcher = new TestEndpoint { Started = () => env.Watch(watcher!.TheSelf, watched) };
        env.SetupEndpoint($"watcher-of-{watched.Name}", watcher);
        return watcher;
    }

    private static DeployEndpoint MessageFrom(RpcEnv app) => new(
        1000, app.SetupEndpointRefAsync(new RpcEndpointAddress(app.Address, EndpointDeployer.EndpointName)).GetAwaiter().GetResult(), "x",
        ObjectSerializer.Serialize(Props.Broken("never reached").Factory), 1, TimeSpan.FromMinutes(1),
        TimeSpan.Zero, TimeSpan.Zero, 0, StopsWithDeployer: true, SparkishBuild.Current, []);

    private static Task<RpcEndpointRef> AskAsync(RpcEnv app, RpcEnv node, DeployEndpoint message) =>
        app.RefTo(new RpcEndpointAddress(node.Address, EndpointDeployer.EndpointName)).AskAsync<RpcEndpointRef>(message).AsTask();

    private sealed class SlowEndpoint : RpcEndpoint
    {
        public static readonly TaskCompletionSource Making = new();
        public static readonly ManualResetEventSlim Gate = new();
        public static readonly TaskCompletionSource Stopped = new();

        public SlowEndpoint()
        {
            Making.TrySetResult();
            Gate.Wait(Envs.Patience);
        }

        public override void OnStop() => Stopped.TrySetResult();
    }
}
