using System.Net.Sockets;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>Peers that say to live where another one does: the one whose connection stands is asked.</summary>
internal sealed class StandingConnectionTests
{
    [Test]
    public async Task A_peer_that_names_the_address_of_a_live_one_is_refused_and_told_why([Values] bool hasSecret)
    {
        using var log = new RecordedLog();
        var conf = hasSecret ? AuthenticationTests.Conf() : new SparkConf(false);
        await using var server = Envs.New(Envs.Options("server", conf) with { LoggerFactory = log });
        var endpoint = new TestEndpoint(onAsk: (message, call) => call.Reply(call.SenderAddress.ToString()));
        var there = server.SetupEndpoint("e", endpoint);
        await using var peer = Envs.New("peer", conf);
        var before = await there.From(peer).AskAsync<string>(1).AsTask().WaitAsync(Envs.Patience);
        await using var impostor = Envs.New(Envs.Options("impostor", conf) with { AdvertisedHost = "127.0.0.1", AdvertisedPort = peer.Address.Port });

        var refused = Assert.ThrowsAsync<RpcConnectionException>(() => there.From(impostor).AskAsync<string>(1).AsTask().WaitAsync(Envs.Patience));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused!.Message, Does.Contain($"claims the address {peer.Address}").And.Contain("give each node its own address"));
            Assert.That(await log.NextWarningAsync(), Does.Contain($"claims the address {peer.Address}"));
            Assert.That(await there.From(peer).AskAsync<string>(1).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(before));
            Assert.That(endpoint.Network.Reader.TryRead(out var connected) && !endpoint.Network.Reader.TryRead(out _), Is.True, "one connection, and no end of it");
            Assert.That(connected, Is.EqualTo($"connected {peer.Address}"));
        }
    }

    [Test]
    public async Task A_peer_with_the_address_and_the_incarnation_of_a_live_one_is_refused_as_well()
    {
        using var log = new RecordedLog();
        await using var server = Envs.New(Envs.Options("server") with { LoggerFactory = log });
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(1)));
        await using var peer = Envs.New("peer");
        await there.From(peer).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);

        // As if the peer dialled a second time under another name of the server, which makes a connection beside the first.
        var answer = await Task.Run(() => ScriptedPeer.Exchange(server.Address, ScriptedPeer.Prelude(version: 4),
            ScriptedPeer.Hello(peer.Address, incarnation: peer.Incarnation, dialled: new RpcAddress("alias", 1)), ScriptedPeer.Step(2)));

        Assert.That(await log.NextWarningAsync(), Does.Contain($"claims the address {peer.Address}"));
        Assert.That(System.Text.Encoding.UTF8.GetString(answer), Does.Contain("give each node its own address"));
    }

    [Test]
    public async Task A_peer_that_is_slow_to_answer_keeps_its_address()
    {
        await using var server = Envs.New("server", new SparkConf(false).Set("spark.rpc.io.connectionTimeout", "1s"));
        var endpoint = new TestEndpoint(onAsk: (message, call) => call.Reply(1));
        server.SetupEndpoint("e", endpoint);
        var slow = ScriptedPeer.Nobody();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        socket.Send([.. ScriptedPeer.Prelude(version: 4), .. ScriptedPeer.Hello(slow), .. ScriptedPeer.Step(2)]);
        Assert.That(await endpoint.NextNetworkAsync(), Is.EqualTo($"connected {slow}"));
        await using var impostor = Envs.New(Envs.Options("impostor") with { AdvertisedHost = slow.Host, AdvertisedPort = slow.Port });
        var there = impostor.RefTo(new RpcEndpointAddress(server.Address, "e"));

        Assert.That(() => there.AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience), Throws.TypeOf<RpcConnectionException>()
            .With.Message.Contains($"claims the address {slow}").And.Message.Contains("has not answered yet").And.Message.Contains("spark.rpc.io.keepAliveTimeout"));
        Assert.That(endpoint.Network.Reader.TryRead(out _), Is.False, "the connection lasts");
        socket.Dispose();
        Assert.That(await endpoint.NextNetworkAsync(), Is.EqualTo($"disconnected {slow}"));
        Assert.That(await AskUntilConnectedAsync(there), Is.EqualTo(1), "its address is free now");
    }

    [Test]
    public async Task A_peer_that_names_the_nodes_own_address_is_refused_and_told_why()
    {
        await using var server = Envs.New("server");
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(1)));
        await using var impostor = Envs.New(Envs.Options("impostor") with { AdvertisedHost = server.Address.Host, AdvertisedPort = server.Address.Port });
        var there = impostor.RefTo(new RpcEndpointAddress(new RpcAddress("localhost", server.Address.Port), "e"));

        Assert.That(() => there.AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience), Throws.TypeOf<RpcConnectionException>()
            .With.Message.Contains($"claims the address {server.Address}, which is the listening node's own"));
    }

    [Test]
    public async Task A_peer_with_an_applications_secret_is_not_taken_at_the_address_of_a_master()
    {
        var secret = SharedSecret.NewBytes();
        var keyring = new Keyring();
        keyring.AddApplication("app-1", secret);
        keyring.AddMasters(["127.0.0.1:7077"]);
        await using var worker = Envs.New(Envs.Options("worker") with { Roles = [ClusterRoles.Worker], Keyring = keyring });
        var there = worker.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(1)));
        await using var honest = Envs.New(ExecutorOptions(secret));
        await using var impostor = Envs.New(ExecutorOptions(secret) with { AdvertisedHost = "127.0.0.1", AdvertisedPort = 7077 });

        Assert.That(() => there.From(impostor).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience), Throws.TypeOf<RpcConnectionException>()
            .With.Message.Contains("claims the address 127.0.0.1:7077 of a master, but proves only the secret of an application"));
        Assert.That(await there.From(honest).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(1));
    }

    [Test]
    public async Task A_peer_that_dials_under_a_second_name_is_itself()
    {
        await using var server = Envs.New(Envs.Options("server") with { AdvertisedHost = "127.0.0.1" });
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(call.SenderAddress.ToString())));
        await using var peer = Envs.New("peer");

        foreach (var host in new[] { "127.0.0.1", "localhost" })
        {
            var there = peer.RefTo(new RpcEndpointAddress(new RpcAddress(host, server.Address.Port), "e"));
            Assert.That(await there.AskAsync<string>(1).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(peer.Address.ToString()));
        }
    }

    [Test]
    public async Task A_node_that_starts_again_at_its_address_is_taken()
    {
        await using var server = Envs.New("server");
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(call.Peer!.Incarnation)));
        var first = Envs.New("peer");
        var before = await there.From(first).AskAsync<long>(1).AsTask().WaitAsync(Envs.Patience);
        await first.DisposeAsync();

        await using var second = Envs.New(Envs.Options("peer") with { Port = first.Address.Port });
        var after = await there.From(second).AskAsync<long>(1).AsTask().WaitAsync(Envs.Patience);

        Assert.That((before, after), Is.EqualTo((first.Incarnation, second.Incarnation)));
    }

    [Test]
    public async Task An_env_that_makes_no_connections_answers_over_those_of_its_peers()
    {
        await using var server = Envs.New(Envs.Options("server") with { Dials = false });
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        await using var peer = Envs.New("peer");
        var here = peer.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));

        Assert.That(async () => await here.From(server).AskAsync<int>(1), Throws.TypeOf<RpcConnectionException>().With.Message.Contains("does not dial"));
        Assert.That(await there.From(peer).AskAsync<int>(2).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(2));
        Assert.That(await here.From(server).AskAsync<int>(3).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(3));
    }

    private static async Task<int> AskUntilConnectedAsync(RpcEndpointRef there)
    {
        using var patience = new CancellationTokenSource(Envs.Patience);
        while (true)
        {
            try
            {
                return await there.AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);
            }
            catch (RpcConnectionException) when (!patience.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }

    private static RpcEnvOptions ExecutorOptions(byte[] secret)
    {
        var keyring = new Keyring();
        keyring.Join("app-1", secret, masters: []);
        return Envs.Options("executor") with { Roles = [ClusterRoles.Executor], Keyring = keyring };
    }
}
