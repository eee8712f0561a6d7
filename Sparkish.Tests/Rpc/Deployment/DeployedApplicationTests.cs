using System.Runtime.CompilerServices;
using Sparkish.Rpc;
using Sparkish.Rpc.Deployment;
using Sparkish.Serialization;
using Sparkish.Tests.App;

namespace Sparkish.Tests.Rpc.Deployment;

internal sealed class DeployedApplicationTests
{
    [Test]
    public async Task Types_are_found_in_what_was_announced_and_in_nothing_else()
    {
        using var directory = new TemporaryDirectory();
        await using var app = Serving();
        await using var node = Envs.New();
        var application = new DeployedApplication(node, app.Address, directory.Path);
        await application.FetchAsync(AppManifest(app));
        var types = application.Values.Types!;

        var found = types.TryFindType("Sparkish.Tests.App", typeof(Counter).FullName!, out _);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(found, Is.Not.Null.And.Not.EqualTo(typeof(Counter)));
            Assert.That(found!.BaseType, Is.EqualTo(typeof(RpcEndpoint)), "Sparkish is the node's own");
            Assert.That(types.TryFindType("System.Private.CoreLib", "System.String", out _), Is.EqualTo(typeof(string)));
            Assert.That(types.TryFindType("Sparkish.Tests", typeof(DeployedApplicationTests).FullName!, out var error), Is.Null);
            Assert.That(error, Does.Contain("Sparkish.Tests was not found"));
        }

        application.Unload();
    }

    [Test]
    public async Task Another_version_of_what_is_loaded_is_an_error_that_names_both()
    {
        using var directory = new TemporaryDirectory();
        await using var app = Serving();
        await using var node = Envs.New();
        var application = new DeployedApplication(node, app.Address, directory.Path);
        var manifest = AppManifest(app);
        await application.FetchAsync(manifest);
        var other = Guid.NewGuid();

        await Assert.ThatAsync(() => application.FetchAsync([manifest[0] with { Version = other }]),
            Throws.InstanceOf<SparkException>().With.Message.Contains(manifest[0].Version.ToString()).And.Message.Contains(other.ToString()));
        application.Unload();
    }

    [Test]
    public async Task A_file_that_is_not_the_announced_build_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using var app = Serving();
        await using var node = Envs.New();
        var application = new DeployedApplication(node, app.Address, directory.Path);
        var announced = AppManifest(app)[0];

        await Assert.ThatAsync(() => application.FetchAsync([announced with { Version = Guid.NewGuid() }]),
            Throws.InstanceOf<SparkException>().With.Message.Contains("in its file"));
        await Assert.ThatAsync(() => new DeployedApplication(node, app.Address, directory.File("new")).FetchAsync([announced with { Hash = new string('0', 64) }]),
            Throws.InstanceOf<SparkException>().With.Message.Contains("another build"));
        application.Unload();
    }

    [TestCase("Sparkish.Core", "0000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("System.Runtime", "0000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("Mine", "../../etc/passwd")]
    public async Task The_nodes_own_assemblies_and_false_hashes_are_refused(string name, string hash)
    {
        await using var node = Envs.New();
        var application = new DeployedApplication(node, node.Address, "never made");

        await Assert.ThatAsync(() => application.FetchAsync([new DeployedAssembly(name, Guid.Empty, hash)]), Throws.InstanceOf<SparkException>().With.Message.Contains(name));
        application.Unload();
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Unloaded_assemblies_are_collected_though_their_endpoints_ran_and_their_messages_were_read(int stage)
    {
        using var directory = new TemporaryDirectory();
        await using var app = Serving();
        await using var node = Envs.New();

        var context = await RunOnceAsync(app, node, directory.Path, stage);

        for (var i = 0; i < 100 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        Assert.That(context.IsAlive, Is.False);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> RunOnceAsync(RpcEnv app, RpcEnv node, string directory, int stage)
    {
        var application = new DeployedApplication(node, app.Address, directory);
        await application.FetchAsync(AppManifest(app));
        if (stage > 0) await UseAsync(node, application, stage);
        application.Unload();
        return new WeakReference(System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(application.Values.Types!.TryFindType("Sparkish.Tests.App", typeof(Counter).FullName!, out _)!.Assembly));
    }

    private static async Task UseAsync(RpcEnv node, DeployedApplication application, int stage)
    {
        _ = ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(new Add(1, "x")), application.Values);
        if (stage == 1) return;
        var factory = ObjectSerializer.Deserialize<Func<RpcEndpoint>>(ObjectSerializer.Serialize(ClosureCleaner.Clean(Props.Counter(1).Factory, "test")), application.Values);
        if (stage == 2) return;
        var endpoint = node.SetupEndpoint("counter", factory);
        endpoint.Send(ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(new Add(1, "x")), application.Values));
        var watcher = new TestEndpoint();
        var watching = node.SetupEndpoint("watcher", watcher);
        node.Watch(watching, endpoint);
        node.Stop(endpoint);
        await watcher.NextAsync();
        await watcher.NextAsync();
        node.Stop(watching);
        await watcher.UntilStoppedAsync();
    }

    private static RpcEnv Serving()
    {
        var env = Envs.New();
        env.FileServer.ServeApplication();
        return env;
    }

    private static DeployedAssembly[] AppManifest(RpcEnv app) => AssemblyManifest.Of([typeof(Counter).Assembly], app.FileServer);
}
