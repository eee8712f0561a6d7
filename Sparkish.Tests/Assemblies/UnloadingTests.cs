using Sparkish.Tests.App;
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
        var listener = new TestEndpoint();
        var counter = await app.DeployAsync(node, "counter", Props.Counter(40, app.SetupEndpoint("listener", listener)));
        await counter.AskAsync<Count>(new Add(2, "two"));
        counter.Send(new Fail("on purpose"));
        await counter.AskAsync<Count>(new Add(1, "after"));

        Assert.That(await counter.AskAsync<bool>(new IsLoaded(Assembly)), Is.True);

        await app.StopDeployedAsync(counter);
        await process.WriteLineAsync($"collect {Assembly}");

        Assert.That(await process.WaitForLineAsync(line => line.Contains(Assembly, StringComparison.Ordinal), TimeSpan.FromMinutes(1)), Is.EqualTo($"collected {Assembly}"));
    }
}
