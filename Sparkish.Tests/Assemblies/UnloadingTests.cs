using Sparkish.Rpc;
using Sparkish.Tests.App;
using Sparkish.Tests.Processes;
using Sparkish.Tests.Rpc;
using Sparkish.Tests.Rpc.Deployment;

namespace Sparkish.Tests.Assemblies;

/// <summary>What a node keeps of an application when nothing of it runs there any more: nothing.</summary>
internal sealed class UnloadingTests
{
    private const string Assembly = "Sparkish.Tests.App";

    [Test]
    public async Task The_assemblies_of_an_endpoint_that_was_stopped_are_collected()
    {
        var (process, node) = await DeploymentEnvs.StartNodeAsync();
        await using var owned = process;
        await using var app = DeploymentEnvs.New();
        var counter = await DeployAsync(app, node);

        await app.StopDeployedAsync(counter);

        Assert.That(await AskForAssemblyAsync(process), Is.EqualTo($"collected {Assembly}"));
    }

    [Test]
    public async Task The_assemblies_of_a_deployer_that_is_gone_are_collected()
    {
        var (process, node) = await DeploymentEnvs.StartNodeAsync();
        await using var owned = process;
        await using var app = DeploymentEnvs.New();
        await DeployAsync(app, node);

        await app.DisposeAsync();

        Assert.That(await AskForAssemblyAsync(process), Is.EqualTo($"collected {Assembly}"));
    }

    /// <summary>An endpoint that has sent, answered, failed and restarted.</summary>
    private static async Task<RpcEndpointRef> DeployAsync(RpcEnv app, RpcAddress node)
    {
        var counter = await app.DeployAsync(node, "counter", Props.Counter(40, app.SetupEndpoint("listener", new TestEndpoint())));
        await counter.AskAsync<Count>(new Add(2, "two"));
        counter.Send(new Fail("on purpose"));
        await counter.AskAsync<Count>(new Add(1, "after"));
        Assert.That(await counter.AskAsync<bool>(new IsLoaded(Assembly)), Is.True);
        return counter;
    }

    private static async Task<string> AskForAssemblyAsync(TestProcess node)
    {
        await node.WriteLineAsync($"collect {Assembly}");
        return await node.WaitForLineAsync(line => line.StartsWith("collected ", StringComparison.Ordinal)
            || line.StartsWith($"{Assembly} ", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
    }
}
