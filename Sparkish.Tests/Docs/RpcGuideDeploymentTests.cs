using Sparkish.Rpc;
using Sparkish.Tests.Rpc.Deployment;

namespace Sparkish.Tests.Docs;

/// <summary>The pages of docs/rpc.md on files and remote deployment; what stands between the marks stands there, too.</summary>
internal sealed class RpcGuideDeploymentTests
{
    [Test]
    public async Task A_file_is_fetched_and_read()
    {
        using var directory = new TemporaryDirectory();
        var model = directory.Write("model.txt", "of the world");
        var copy = directory.File("copy.txt");
        await using var server = DeploymentEnvs.New();
        await using var client = DeploymentEnvs.New();

        // <snippet files>
        var url = server.FileServer.AddFile(model);         // spark://10.0.0.1:7077/files/model.txt
        await client.FetchFileAsync(url, copy);             // resumed, hash-checked, then renamed into place
        using var stream = client.OpenFile(url);            // or stream it; reads block, so use your own thread
        // </snippet>

        using var reader = new StreamReader(stream);
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("of the world"));
        Assert.That(await File.ReadAllTextAsync(copy), Is.EqualTo("of the world"));
    }

    [Test]
    public async Task An_endpoint_is_deployed_with_what_its_factory_captured()
    {
        await using var node = DeploymentEnvs.New();
        await using var app = DeploymentEnvs.New();

        Assert.That(await DeployAsync(app, node.Address, start: 40), Is.EqualTo(42));
    }

    private static async Task<int> DeployAsync(RpcEnv env, RpcAddress node, int start)
    {
        // <snippet deploy>
        var tally = await env.DeployAsync(node, "tally", new EndpointProps(() => new Tally(start)) { Restarts = new RestartLimit(3, TimeSpan.FromMinutes(1)) });
        var sum = await tally.AskAsync<int>(new Plus(2)); // a type of your application, unknown to the node
        await env.StopDeployedAsync(tally);
        // </snippet>
        return sum;
    }
}

public sealed record Plus(int Number);

public sealed class Tally(int start) : RpcEndpoint
{
    private int _sum = start;

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case Plus m: call.Reply(_sum += m.Number); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }
}
