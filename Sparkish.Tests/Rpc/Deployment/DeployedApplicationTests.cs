using Sparkish.Rpc;
using Sparkish.Rpc.Deployment;
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
        await Assert.ThatAsync(
            () => new DeployedApplication(node, app.Address, directory.File("new")).FetchAsync([announced with { Hash = new string('0', 64) }]),
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

        await Assert.ThatAsync(
            () => application.FetchAsync([new DeployedAssembly(name, Guid.Empty, hash)]), Throws.InstanceOf<SparkException>().With.Message.Contains(name));
        application.Unload();
    }

    private static RpcEnv Serving()
    {
        var env = Envs.New();
        env.FileServer.ServeApplication();
        return env;
    }

    private static DeployedAssembly[] AppManifest(RpcEnv app) => AssemblyManifest.Of([typeof(Counter).Assembly], app.FileServer);
}
