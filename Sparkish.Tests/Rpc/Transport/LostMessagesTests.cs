using Sparkish.Rpc;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Rpc.Transport;

internal sealed class LostMessagesTests
{
    [Test]
    public async Task A_flood_to_a_client_that_has_left_is_one_line_and_one_network_error()
    {
        using var log = new RecordedLog();
        await using var server = Envs.New(Envs.Options("server") with { LoggerFactory = log });
        var network = new TestEndpoint();
        server.SetupEndpoint("n", network);
        var client = Envs.New(Envs.Options("client") with { Listen = false });
        var taken = new TaskCompletionSource<RpcEndpointRef>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.SetupEndpoint("e", new TestEndpoint(message => taken.SetResult(((CallMe)message).Back)))
            .From(client).Send(new CallMe(client.SetupEndpoint("reader", new TestEndpoint()), ""));
        var reader = await taken.Task.WaitAsync(Envs.Patience);
        await client.DisposeAsync();
        Assert.That((await network.NextNetworkAsync(), await network.NextNetworkAsync()),
            Is.EqualTo(($"connected {client.Address}", $"disconnected {client.Address}")));

        for (var i = 0; i < 10_000; i++) reader.Send(i);

        Assert.That(await network.NextNetworkAsync(), Is.EqualTo($"error {client.Address}"));
        Assert.That(await log.NextWarningAsync(), Does.StartWith($"Dropped 1 message to {client.Address}: ").And.Contain("does not listen"));
        Assert.That(log.Warnings, Is.EqualTo(1));
    }

    [Test]
    public async Task What_waits_for_a_node_that_cannot_be_reached_is_counted_in_one_line()
    {
        using var log = new RecordedLog();
        await using var env = Envs.New(Envs.Options() with { LoggerFactory = log });
        var network = new TestEndpoint();
        env.SetupEndpoint("n", network);
        var nobody = env.RefTo(new RpcEndpointAddress(ScriptedPeer.Nobody(), "nobody"));

        for (var i = 0; i < 100; i++) nobody.Send(i);

        var line = await log.NextWarningAsync();
        Assert.That(line, Does.Match(@"^Dropped \d+ messages? to .*: Cannot connect"));
        Assert.That(await network.NextNetworkAsync(), Does.StartWith("error "));
    }
}
