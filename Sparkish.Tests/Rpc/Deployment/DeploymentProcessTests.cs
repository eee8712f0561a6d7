using Sparkish.Rpc;
using Sparkish.Tests.App;

namespace Sparkish.Tests.Rpc.Deployment;

/// <summary>Deployment to a process that has never seen the application.</summary>
internal sealed class DeploymentProcessTests
{
    [Test]
    public async Task An_endpoint_and_its_messages_live_in_a_process_that_never_saw_their_assembly()
    {
        using var directory = new TemporaryDirectory();
        var (process, node) = await DeploymentEnvs.StartNodeAsync($"spark.rpc.deploy.directory={directory.File("cache")}");
        await using var owned = process;
        await using var app = DeploymentEnvs.New();
        var listener = new TestEndpoint();

        var counter = await app.DeployAsync(node, "counter", Props.Counter(40, app.SetupEndpoint("listener", listener)));
        var count = await counter.AskAsync<Count>(new Add(2, "two"));
        counter.Send(new Fail("on purpose"));
        var after = await counter.AskAsync<Count>(new Add(1, "after"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((count.Value, count.ProcessId), Is.EqualTo((42, process.Id)));
            Assert.That((after.Value, after.Instance), Is.EqualTo((41, count.Instance + 1)));
            Assert.That(await listener.NextAsync(), Is.EqualTo("start"));
            foreach (var heard in new[] { "started", "two", "started", "after" }) Assert.That(await listener.NextAsync(), Is.EqualTo(new Heard(heard)));
            Assert.That(await counter.AskAsync<bool>(new IsLoaded("Sparkish.Tests.App")), Is.True);
            Assert.That(await counter.AskAsync<bool>(new IsLoaded("Sparkish.Tests")), Is.False);
            Assert.That(Directory.GetFiles(directory.File("cache")).Select(Path.GetFileName), Is.EqualTo(new[] { $"{HashOfApp()}.dll" }));
        }
    }

    [Test]
    public async Task A_kept_assembly_that_was_tampered_with_is_fetched_anew()
    {
        using var directory = new TemporaryDirectory();
        var kept = directory.Write($"{HashOfApp()}.dll", "not what its name says");
        var (process, node) = await DeploymentEnvs.StartNodeAsync($"spark.rpc.deploy.directory={directory.Path}");
        await using var owned = process;
        await using var app = DeploymentEnvs.New();

        var counter = await app.DeployAsync(node, "counter", Props.Counter(1));

        Assert.That((await counter.AskAsync<Count>(new Add(1, "x"))).Value, Is.EqualTo(2));
        Assert.That(await File.ReadAllBytesAsync(kept), Is.EqualTo(await File.ReadAllBytesAsync(typeof(Counter).Assembly.Location)));
    }

    [Test]
    public async Task Two_deployers_have_their_types_apart()
    {
        var (process, node) = await DeploymentEnvs.StartNodeAsync();
        await using var owned = process;
        await using var one = DeploymentEnvs.New();
        await using var two = DeploymentEnvs.New();

        var first = await one.DeployAsync(node, "first", Props.Counter(1));
        var second = await two.DeployAsync(node, "second", Props.Counter(2));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await first.AskAsync<Count>(new Add(1, "x"))).Instance, Is.EqualTo(1));
            Assert.That((await second.AskAsync<Count>(new Add(1, "x"))).Instance, Is.EqualTo(1), "a static of another load context");
            Assert.That((await two.RefTo(new RpcEndpointAddress(node, "first")).AskAsync<Count>(new Add(1, "y"))).Value, Is.EqualTo(3));
        }
    }

    [Test]
    public async Task Who_watches_is_told_when_the_node_is_killed()
    {
        var (process, node) = await DeploymentEnvs.StartNodeAsync();
        await using var app = DeploymentEnvs.New();
        var counter = await app.DeployAsync(node, "counter", Props.Counter(1));
        var watcher = await WatchAsync(app, counter);

        await process.DisposeAsync(); // kills it

        Assert.That(await watcher.NextAsync(), Is.EqualTo(new EndpointTerminated(counter, TerminationCause.NodeGone)));
        await Assert.ThatAsync(() => app.DeployAsync(node, "counter", Props.Counter(1)), Throws.InstanceOf<RpcConnectionException>());
    }

    [Test]
    public async Task An_endpoint_is_stopped_when_its_deployer_is_killed()
    {
        var (process, node) = await DeploymentEnvs.StartNodeAsync();
        await using var owned = process;
        await using var onlooker = DeploymentEnvs.New();
        var app = await DeploymentEnvs.StartAppAsync(node, "counter");
        var counter = await onlooker.SetupEndpointRefAsync(new RpcEndpointAddress(node, "counter"));
        var watcher = await WatchAsync(onlooker, counter);

        await app.DisposeAsync(); // kills it

        Assert.That(await watcher.NextAsync(), Is.EqualTo(new EndpointTerminated(counter, TerminationCause.Stopped)));
        await using var next = await DeploymentEnvs.StartAppAsync(node, "counter");
    }

    /// <summary>Watches, and returns when the watch is surely kept where the endpoint lives.</summary>
    private static async Task<TestEndpoint> WatchAsync(RpcEnv env, RpcEndpointRef watched)
    {
        TestEndpoint? watcher = null;
        watcher = new TestEndpoint { Started = () => env.Watch(watcher!.TheSelf, watched) };
        env.SetupEndpoint("watcher", watcher);
        await watcher.NextAsync();
        return watcher;
    }

    private static string HashOfApp() =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(typeof(Counter).Assembly.Location)));
}
