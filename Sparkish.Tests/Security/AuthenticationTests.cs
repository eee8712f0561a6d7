using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

internal sealed class AuthenticationTests
{
    private const string Secret = "correct horse battery staple";

    [Test]
    public async Task Nodes_with_the_same_secret_talk_and_stream()
    {
        await using var server = Envs.New("server", Conf());
        await using var client = Envs.New("client", Conf());
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message is Blob blob ? blob.Bytes.Length : message)))
            .From(client);
        var bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        server.Bulk.Register("a", new Source(bytes));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => there.AskAsync<int>(i).AsTask())).WaitAsync(Envs.Patience);
        var large = await there.AskAsync<int>(new Blob(new byte[5_000_000])).AsTask().WaitAsync(Envs.Patience);
        var streamed = Enumerable.Range(0, 3).Select(_ => Read(client, server.Address)).ToList();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers, Is.EqualTo(Enumerable.Range(0, 100)));
            Assert.That(large, Is.EqualTo(5_000_000));
            Assert.That(streamed, Is.All.EqualTo(bytes));
        }
    }

    [Test]
    public async Task Streams_one_after_the_other_share_a_connection_over_tls_too()
    {
        using var relay = new TcpRelay();
        await using var server = Envs.New("server", Conf());
        await using var client = Envs.New("client", Conf());
        server.Bulk.Register("a", new Source("yes"u8.ToArray()));
        var relaying = relay.RunAsync(server.Address);

        for (var i = 0; i < 10; i++) Assert.That(Read(client, new RpcAddress("127.0.0.1", relay.Port)), Is.EqualTo("yes"u8.ToArray()));

        Assert.That((relay.Accepted, relaying.IsCompleted), Is.EqualTo((1, false)));
    }

    [Test]
    public async Task What_was_sent_last_arrives_over_tls_too_before_the_sender_is_gone()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var server = Envs.New("server", Conf());
            var client = Envs.New("client", Conf());
            var endpoint = new TestEndpoint();
            var there = server.SetupEndpoint("e", endpoint).From(client);

            for (var i = 0; i < 100; i++) there.Send(i);
            await client.DisposeAsync().AsTask().WaitAsync(Envs.Patience);

            Assert.That(await endpoint.NextAsync(), Is.EqualTo("start"));
            for (var i = 0; i < 100; i++) Assert.That(await endpoint.NextAsync(), Is.EqualTo(i));
        }
    }

    [Test]
    public async Task Another_secret_is_named_on_both_sides_for_messages_and_streams()
    {
        var log = new RecordedLog();
        await using var server = Envs.New(Envs.Options("server", Conf()) with { LoggerFactory = log });
        await using var client = Envs.New("client", Conf("another secret, just as long"));

        var asked = Assert.ThrowsAsync<RpcConnectionException>(() => Ask(client, server.Address));
        var streamed = Assert.Throws<RpcConnectionException>(() => client.OpenBulk(server.Address, "a/b"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked!.Message, Does.StartWith($"Cannot connect to {server.Address}: ").And.Contain("spark.authenticate.secret differ"));
            Assert.That(streamed!.Message, Does.Contain("spark.authenticate.secret differ"));
            Assert.That(await log.NextWarningAsync(), Does.StartWith("Refused a connection from 127.0.0.1:").And.Contain("spark.authenticate.secret differ"));
            Assert.That(await log.NextWarningAsync(), Does.Contain("spark.authenticate.secret differ"));
        }
    }

    [Test]
    public async Task A_node_without_a_secret_is_told_who_lacks_what([Values] bool serverHasSecret)
    {
        var log = new RecordedLog();
        await using var server = Envs.New(Envs.Options("server", serverHasSecret ? Conf() : new SparkConf(false)) with { LoggerFactory = log });
        await using var client = Envs.New("client", serverHasSecret ? new SparkConf(false) : Conf());
        var expected = serverHasSecret
            ? "the listening node speaks only TLS and the connecting node does not: give it the same spark.authenticate.secret"
            : "the connecting node speaks TLS and the listening node does not: give it the same spark.authenticate.secret";

        var asked = Assert.ThrowsAsync<RpcConnectionException>(() => Ask(client, server.Address));
        var streamed = Assert.Throws<RpcConnectionException>(() => client.OpenBulk(server.Address, "a/b"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked!.Message, Does.Contain(expected));
            Assert.That(streamed!.Message, Does.Contain(expected));
            Assert.That(await log.NextWarningAsync(), Does.Contain(expected));
            Assert.That(await log.NextWarningAsync(), Does.Contain(expected));
        }
    }

    [Test]
    public async Task Someone_in_the_middle_with_a_certificate_of_its_own_is_found_out()
    {
        var log = new RecordedLog();
        await using var server = Envs.New(Envs.Options("server", Conf()) with { LoggerFactory = log });
        await using var client = Envs.New("client", Conf());
        using var middle = TlsRelay.Between(server.Address);

        var asked = Assert.ThrowsAsync<RpcConnectionException>(() => Ask(client, middle.Address));
        var streamed = Assert.Throws<RpcConnectionException>(() => client.OpenBulk(middle.Address, "a/b"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked!.Message, Does.Contain("a third party intercepts the connection"));
            Assert.That(streamed!.Message, Does.Contain("a third party intercepts the connection"));
            Assert.That(await log.NextWarningAsync(), Does.Contain("a third party intercepts the connection"));
            Assert.That(middle.Relayed, Is.GreaterThan(0), "the relay had both sides talk up to the proof");
        }
    }

    [Test]
    public async Task With_a_secret_a_node_may_listen_beyond_loopback()
    {
        await using var server = Envs.New(Envs.Options("server", Conf()) with { BindHost = "0.0.0.0", AdvertisedHost = "127.0.0.1" });
        await using var client = Envs.New("client", Conf());
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));

        Assert.That(await Ask(client, server.Address), Is.EqualTo(1));
    }

    [Test]
    public async Task The_secret_is_in_no_log_line_and_no_error()
    {
        var log = new RecordedLog();
        await using var server = Envs.New(Envs.Options("server", Conf()) with { LoggerFactory = log });
        await using var client = Envs.New(Envs.Options("client", Conf("another secret, just as long")) with { LoggerFactory = log });

        var error = Assert.ThrowsAsync<RpcConnectionException>(() => Ask(client, server.Address));
        await log.NextWarningAsync();

        Assert.That(log.Lines.Append(error!.ToString()), Is.Not.Empty.And.None.Contains(Secret).And.None.Contains("another secret"));
    }

    internal static SparkConf Conf(string secret = Secret) => new SparkConf(false).Set("spark.authenticate", "true").Set("spark.authenticate.secret", secret);

    private static Task<int> Ask(RpcEnv env, RpcAddress peer) =>
        env.RefTo(new RpcEndpointAddress(peer, "e")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);

    private static byte[] Read(RpcEnv env, RpcAddress peer)
    {
        using var stream = env.OpenBulk(peer, "a/b");
        var received = new MemoryStream();
        stream.CopyTo(received);
        return received.ToArray();
    }

    private sealed class Source(byte[] bytes) : IBulkSource
    {
        public BulkContent Open(string path) => new BulkContent().Add(bytes);
    }
}
