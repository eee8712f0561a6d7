using Sparkish.Rpc;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Rpc;

/// <summary>What only the network env does; what every env does is in the conformance suite.</summary>
internal sealed class RemoteEndpointTests
{
    [Test]
    public async Task A_hundred_thousand_messages_arrive_in_order()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var last = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var there = server.SetupEndpoint("e", new TestEndpoint(message =>
        {
            if ((int)message != last + 1) done.TrySetException(new InvalidOperationException($"{message} after {last}"));
            if (++last == 100_000) done.TrySetResult();
        })).From(client);

        for (var i = 1; i <= 100_000; i++) there.Send(i);

        await done.Task.WaitAsync(Envs.Patience);
    }

    [Test]
    public async Task Values_of_user_types_cross_only_where_both_sides_admit_them()
    {
        await using var admits = Envs.New(Envs.Options() with { UserTypes = TypeBinder.Application });
        await using var refuses = Envs.New();
        await using var client = Envs.New(Envs.Options() with { UserTypes = TypeBinder.Application });
        var there = admits.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(client);
        var elsewhere = refuses.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(client);

        var answer = await there.AskAsync<Unregistered>(new Unregistered("x", [1, 2])).AsTask().WaitAsync(Envs.Patience);
        var refused = Assert.ThrowsAsync<RpcRemoteException>(
            () => elsewhere.AskAsync<Unregistered>(new Unregistered("x", [1])).AsTask().WaitAsync(Envs.Patience));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.Name, answer.Numbers), Is.EqualTo(("x", new[] { 1, 2 })));
            Assert.That(refused!.Message, Does.Contain("this node accepts none"));
        }
    }

    [Test]
    public async Task A_peer_is_asked_under_another_name_than_it_advertises()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var endpoint = new TestEndpoint();
        client.SetupEndpoint("f", endpoint);
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        var dialled = new RpcAddress("localhost", server.Address.Port);

        var answer = await client.RefTo(new RpcEndpointAddress(dialled, "e")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer, Is.EqualTo(1));
            Assert.That((await endpoint.NextNetworkAsync(), await endpoint.NextNetworkAsync()),
                Is.EqualTo(($"connected {dialled}", $"connected {server.Address}")));
        }
    }

    private sealed record Unregistered(string Name, int[] Numbers);
}
