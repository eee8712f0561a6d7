using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>How many connections a node keeps open for peers that it does not trust.</summary>
internal sealed class ConnectionLimitTests
{
    [Test]
    public async Task Connections_of_peers_without_a_secret_are_bounded_and_the_refusal_names_the_setting()
    {
        await using var server = NewServer(new SparkConf(false));
        var peers = new List<RpcEnv>();
        for (var i = 0; i < 3; i++) peers.Add(await ConnectAsync(server, new SparkConf(false)));

        Assert.That(() => ConnectAsync(server, new SparkConf(false)), Throws.TypeOf<RpcConnectionException>()
            .With.Message.Contains("too many connections are open: 4 in all, 3 from one address (spark.rpc.io.maxConnections)"));
        await peers[0].DisposeAsync();
        var next = await ConnectWhenThereIsRoomAsync(server);

        foreach (var peer in peers.Append(next)) await peer.DisposeAsync();
    }

    [Test]
    public async Task Peers_that_prove_the_nodes_own_secret_do_not_count()
    {
        await using var server = NewServer(AuthenticationTests.Conf());
        var peers = new List<RpcEnv>();

        for (var i = 0; i < 6; i++) peers.Add(await ConnectAsync(server, AuthenticationTests.Conf()));

        Assert.That(peers, Has.Count.EqualTo(6));
        foreach (var peer in peers) await peer.DisposeAsync();
    }

    [Test]
    [Platform("Linux")] // which has all addresses of 127.0.0.0/8
    public async Task All_addresses_of_loopback_are_one_source()
    {
        using var log = new RecordedLog();
        await using var server = Envs.New(Envs.Options("server") with { LoggerFactory = log });
        for (var i = 1; i <= 100; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)i]), 0));
            socket.Connect(server.Address.Host, server.Address.Port);
            socket.Send("GET / HTTP/1.1\r\n\r\n"u8);
            var buffer = new byte[100];
            while (ReadOrEnd(socket, buffer) > 0)
            {
                // It is told, and then closed.
            }
        }

        await server.DisposeAsync().AsTask().WaitAsync(Envs.Patience);

        Assert.That(log.Lines.Count(line => line.StartsWith("Refused", StringComparison.Ordinal)), Is.LessThanOrEqualTo(10));
    }

    private static RpcEnv NewServer(SparkConf conf)
    {
        var server = Envs.New(Envs.Options("server", conf.Set("spark.rpc.io.maxConnections", "4")));
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        return server;
    }

    private static async Task<RpcEnv> ConnectAsync(RpcEnv server, SparkConf conf)
    {
        var peer = Envs.New("peer", conf);
        try
        {
            await peer.RefTo(new RpcEndpointAddress(server.Address, "e")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>The server hears of the end of a connection a moment later.</summary>
    private static async Task<RpcEnv> ConnectWhenThereIsRoomAsync(RpcEnv server)
    {
        using var patience = new CancellationTokenSource(Envs.Patience);
        while (true)
        {
            try
            {
                return await ConnectAsync(server, new SparkConf(false));
            }
            catch (RpcConnectionException) when (!patience.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }

    private static int ReadOrEnd(Socket socket, byte[] buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
