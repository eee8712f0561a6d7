using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Sockets;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Rpc;

internal sealed class BulkSocketsTests
{
    private const string Secret = "a secret that only these tests know";

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_stream_crosses_sockets_without_an_env(bool authenticated)
    {
        await using var server = Start(authenticated ? Secret : null, served: Serving("yes"));
        await using var client = Start(authenticated ? Secret : null, listen: false);

        for (var round = 0; round < 2; round++)
        {
            using var reader = new StreamReader(client.Open(server.Address, "text/a"));
            Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("yes"));
        }

        Assert.That((client.Address.Port, server.Address.Host), Is.EqualTo((0, "127.0.0.1")));
        Assert.That(() => client.Open(server.Address, "other/a"), Throws.InstanceOf<BulkNotFoundException>().With.Message.Contains("other/a"));
    }

    [Test]
    public async Task A_peer_without_the_secret_gets_nothing()
    {
        await using var server = Start(Secret, served: Serving("yes"));
        await using var stranger = Start("another secret than that of the server");

        Assert.That(() => stranger.Open(server.Address, "text/a"), Throws.InstanceOf<RpcConnectionException>()
            .With.Message.Contains("spark.authenticate.secret"));
    }

    [Test]
    public void Sockets_beyond_this_machine_need_authentication() =>
        Assert.That(() => BulkSockets.Start(Options(null) with { BindHost = "0.0.0.0" }, new BulkServer()),
            Throws.InstanceOf<SparkException>().With.Message.Contains("spark.authenticate"));

    [Test]
    public async Task An_env_of_the_network_reads_streams_of_bulk_sockets_and_they_read_those_of_the_env()
    {
        await using var server = Start(null, served: Serving("from sockets"));
        await using var env = Envs.New();
        env.Bulk.Register("text", new Text("from an env"));

        using var fromSockets = new StreamReader(env.OpenBulk(server.Address, "text/a"));
        using var fromEnv = new StreamReader(server.Open(env.Address, "text/a"));

        Assert.That((await fromSockets.ReadToEndAsync(), await fromEnv.ReadToEndAsync()), Is.EqualTo(("from sockets", "from an env")));
    }

    [Test]
    public async Task Disposed_sockets_open_and_serve_nothing()
    {
        var server = Start(null, served: Serving("yes"));
        await using var client = Start(null);
        client.Open(server.Address, "text/a").ReadByte();

        await server.DisposeAsync();
        await server.DisposeAsync();

        Assert.That(() => client.Open(server.Address, "text/a"), Throws.InstanceOf<RpcConnectionException>());
        Assert.That(() => server.Open(client.Address, "text/a"), Throws.InstanceOf<ObjectDisposedException>());
    }

    private static BulkSockets Start(string? secret, BulkServer? served = null, bool listen = true) =>
        BulkSockets.Start(Options(secret) with { Listen = listen }, served ?? new BulkServer());

    private static RpcEnvOptions Options(string? secret)
    {
        var conf = new SparkConf(false);
        if (secret is not null) conf.Set("spark.authenticate", "true").Set("spark.authenticate.secret", secret);
        return new RpcEnvOptions("sockets", conf, new MessageRegistry());
    }

    private static BulkServer Serving(string text)
    {
        var served = new BulkServer();
        served.Register("text", new Text(text));
        return served;
    }

    private sealed class Text(string text) : IBulkSource
    {
        public BulkContent Open(string path) => new BulkContent().Add(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
