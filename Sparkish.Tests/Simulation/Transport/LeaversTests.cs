using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Simulation;
using Sparkish.TestKit;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Simulation.Transport;

/// <summary>An env that does not dial, such as a master's, cannot answer a peer that has left, and that is no loss.</summary>
internal sealed class LeaversTests
{
    [Test]
    public void A_message_to_a_peer_that_closed_its_connection_is_no_loss_until_the_peer_is_back()
    {
        var cluster = new SimulatedCluster(1);
        cluster.Run(async () =>
        {
            var conf = new SparkConf(false).Set("spark.rpc.io.keepAliveTimeout", "5s").Set("spark.rpc.io.keepAliveInterval", "1s");
            var (here, there) = (cluster.AddNode("server", (SimulatedNode _) => { }), cluster.AddNode("client", (SimulatedNode _) => { }));
            await using var server = here.EnvFactory.Create(Envs.Options("server", conf) with { Dials = false });
            var network = new EventLog<string>(server, "Network events");
            var letters = new EventLog<DeadLetter>(server, "Dead letters");
            using var subscription = server.DeadLetters.Subscribe(letters.Add);
            var self = server.SetupEndpoint("e", new Answering(network));
            var client = there.EnvFactory.Create(Envs.Options("client"));
            var address = client.Address;
            var late = server.RefTo(new RpcEndpointAddress(address, "e"));

            await self.From(client).AskAsync<int>(1);
            await client.DisposeAsync();
            Assert.That((await network.NextAsync(), await network.NextAsync()), Is.EqualTo(($"connected {address}", $"disconnected {address}")));
            late.Send(1);
            Assert.That((await letters.NextAsync()).Reason, Is.EqualTo(DeadLetterReason.PeerLeft));

            await using var back = there.EnvFactory.Create(Envs.Options("client") with { Port = address.Port });
            await self.From(back).AskAsync<int>(2);
            cluster.Cut(here, there);
            Assert.That((await network.NextAsync(), await network.NextAsync()), Is.EqualTo(($"connected {address}", $"disconnected {address}")));
            late.Send(2);
            Assert.That((await letters.NextAsync()).Reason, Is.EqualTo(DeadLetterReason.PeerUnreachable));
            Assert.That(await network.NextAsync(), Is.EqualTo($"error {address}"));
        });
    }

    [Test]
    public void Only_the_latest_peers_are_remembered()
    {
        var leavers = new Leavers();
        RpcAddress[] addresses = [.. Enumerable.Range(1, 1_001).Select(static port => new RpcAddress("host", port))];
        leavers.Add(addresses[..1_000]);

        leavers.Add([addresses[0]]);
        leavers.Add([addresses[1_000]]);
        leavers.Forget(addresses[2]);

        Assert.That(addresses.Where(address => !leavers.Has(address)), Is.EqualTo(addresses[1..3]));
    }

    private sealed class Answering(EventLog<string> network) : RpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(message);

        public override void OnConnected(RpcAddress remote) => network.Add($"connected {remote}");

        public override void OnDisconnected(RpcAddress remote) => network.Add($"disconnected {remote}");

        public override void OnNetworkError(Exception error, RpcAddress remote) => network.Add($"error {remote}");
    }
}
