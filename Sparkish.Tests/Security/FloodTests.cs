using System.Net.Sockets;
using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>Strangers that hold connections without proving anything: peers get through, and the log stays short.</summary>
[NonParallelizable]
internal sealed class FloodTests
{
    private const string Secret = "correct horse battery staple";

    [Test]
    public async Task Nine_hundred_silent_sockets_keep_no_peer_out()
    {
        using var log = new RecordedLog();
        await using var server = NewServer(log);
        var silent = new List<TcpClient>();
        for (var i = 0; i < 900; i++) silent.Add(new TcpClient(server.Address.Host, server.Address.Port));

        var answers = await AskFromPeersAsync(server, peers: 5);
        silent.ForEach(socket => socket.Dispose());
        await server.DisposeAsync().AsTask().WaitAsync(Envs.Patience);

        Assert.That(answers, Is.All.EqualTo(1));
        Assert.That(log.Warnings, Is.LessThanOrEqualTo(20), "They have one line in ten seconds.");
    }

    [TestCase(40, TestName = "Handshakes_that_stop_halfway_give_their_places_to_peers")]
    public async Task Half_handshakes(int count)
    {
        using var log = new RecordedLog();
        await using var server = NewServer(log, ("spark.rpc.io.maxHandshakes", "16"), ("spark.rpc.io.connectionTimeout", "60s"));
        var half = new List<TcpClient>();
        for (var i = 0; i < count; i++)
        {
            var socket = new TcpClient(server.Address.Host, server.Address.Port);
            socket.GetStream().Write([0x16, 3, 1, 1, 0, 1, 0]); // the first bytes of a TLS hello of 256 bytes
            half.Add(socket);
        }

        var answers = await AskFromPeersAsync(server, peers: 1);
        half.ForEach(socket => socket.Dispose());
        await server.DisposeAsync().AsTask().WaitAsync(Envs.Patience);

        Assert.That(answers, Is.All.EqualTo(1));
        Assert.That(log.Lines, Has.Some.Contain("other connections waited for its slot"));
    }

    [Test]
    public async Task A_thousand_refused_connections_are_a_few_lines()
    {
        using var log = new RecordedLog();
        await using var server = NewServer(log);

        for (var i = 0; i < 1000; i++)
        {
            using var socket = new TcpClient(server.Address.Host, server.Address.Port);
            socket.GetStream().Write("GET / HTTP/1.1\r\n"u8);
            while (ReadOrEnd(socket) > 0)
            {
                // It is refused, and may be told so.
            }
        }

        await server.DisposeAsync().AsTask().WaitAsync(Envs.Patience);

        var lines = log.Lines.Where(line => line.StartsWith("Refused", StringComparison.Ordinal)).ToList();
        Assert.That(lines, Has.Count.LessThanOrEqualTo(20));
        Assert.That(lines, Has.Some.Match("Refused [0-9]+ more connections from 127.0.0.1, the last because it does not speak"));
    }

    private static RpcEnv NewServer(RecordedLog log, params (string Key, string Value)[] settings)
    {
        var conf = AuthenticationTests.Conf(Secret);
        foreach (var (key, value) in settings) conf.Set(key, value);
        var server = Envs.New(Envs.Options("server", conf) with { LoggerFactory = log });
        server.SetupEndpoint("one", new One());
        return server;
    }

    private static async Task<IReadOnlyList<int>> AskFromPeersAsync(RpcEnv server, int peers)
    {
        var answers = new List<int>();
        for (var i = 0; i < peers; i++)
        {
            await using var client = Envs.New($"client {i}", AuthenticationTests.Conf(Secret));
            answers.Add(await client.RefTo(new RpcEndpointAddress(server.Address, "one")).AskAsync<int>("one").AsTask().WaitAsync(Envs.Patience));
        }

        return answers;
    }

    private static int ReadOrEnd(TcpClient socket)
    {
        try
        {
            return socket.GetStream().Read(new byte[100]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private sealed class One : RpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(1);
    }
}
