using System.Security.Cryptography.X509Certificates;
using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>Envs with certificate files, and peers without the right ones.</summary>
internal sealed class CertificateTests : TestWithAuthority
{
    [Test]
    public async Task Nodes_with_certificates_of_one_authority_talk_and_stream([Values] bool stores, [Values] bool andSecret)
    {
        SparkConf Conf(string name)
        {
            var conf = stores ? Authority.NodeWithStores(name, "open sesame") : Authority.Node(name);
            return andSecret ? conf.SetAll(AuthenticationTests.Conf().Settings) : conf;
        }

        await using var server = NewServer(Conf("a"), new RecordedLog());
        await using var client = Envs.New("client", Conf("b"));

        Assert.That(await Ask(client, server.Address), Is.EqualTo(1));
        Assert.That(() => client.OpenBulk(server.Address, "a/b"), Throws.InstanceOf<Sparkish.Rpc.Bulk.BulkNotFoundException>());
    }

    [Test]
    public async Task A_peer_without_a_certificate_is_refused()
    {
        var log = new RecordedLog();
        await using var server = NewServer(Authority.Node("a"), log);
        using var peer = new SecretPeer(server.Address);

        peer.Send(SecretPeer.Opening(authenticates: false));

        var (step, reason) = ReceiveRefusal(peer);
        Assert.That((step, await log.NextWarningAsync()), Is.EqualTo((5, $"Refused a connection from {peer.Local}: {reason}")));
        Assert.That(reason, Is.EqualTo("the listening node does not accept the connecting node: it presented no certificate (spark.ssl.rpc.needClientAuth)"));
    }

    [Test]
    public async Task A_peer_with_a_certificate_of_another_authority_is_refused()
    {
        using var others = new TestAuthority(Folder.Path, "Other CA");
        using var certificate = others.Issue("stranger");

        Assert.That(await RefusalOf(certificate), Does.Contain("'CN=stranger' is not trusted: no CA in spark.ssl.rpc.trustStore has signed it"));
    }

    [Test]
    public async Task A_peer_with_an_expired_certificate_is_refused()
    {
        using var certificate = Authority.Issue("late", expired: true);

        Assert.That(await RefusalOf(certificate),
            Does.Contain("'CN=late' is not trusted: it is valid from 2020-01-01 00:00:00Z to 2021-01-01 00:00:00Z"));
    }

    [Test]
    public async Task A_peer_with_a_certificate_is_served_on_a_bare_stream_too()
    {
        await using var server = NewServer(Authority.Node("a"), new RecordedLog());
        using var certificate = Authority.Issue("b");
        using var peer = new SecretPeer(server.Address, certificate);

        peer.Send([.. SecretPeer.Opening(authenticates: false), .. ScriptedPeer.Step(2)]);
        peer.ReceiveHello();

        Assert.That(peer.ReceiveStep().Step, Is.EqualTo(3));
    }

    [Test]
    public async Task A_server_of_another_authority_is_told_nothing()
    {
        using var others = new TestAuthority(Folder.Path, "Other CA");
        var log = new RecordedLog();
        await using var server = NewServer(others.Node("a"), log);
        await using var client = Envs.New("client", Authority.Node("b"));

        var error = Assert.ThrowsAsync<RpcConnectionException>(() => Ask(client, server.Address));
        var streamed = Assert.Throws<RpcConnectionException>(() => client.OpenBulk(server.Address, "a/b"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.Contain("'CN=a' is not trusted: no CA in spark.ssl.rpc.trustStore has signed it"));
            Assert.That(streamed!.Message, Does.Contain("'CN=a' is not trusted"));
            Assert.That(await log.NextWarningAsync(), Does.StartWith("Refused a connection from 127.0.0.1:").And.Contain("'CN=b' is not trusted"));
            Assert.That(await log.NextWarningAsync(), Does.StartWith("Refused a connection from 127.0.0.1:").And.Contain("'CN=b' is not trusted"));
        }
    }

    [Test]
    public async Task A_server_with_an_expired_certificate_is_told_nothing()
    {
        var log = new RecordedLog();
        await using var server = NewServer(Authority.Node("late", expired: true), log);
        await using var client = Envs.New("client", Authority.Node("b"));

        var error = Assert.ThrowsAsync<RpcConnectionException>(() => Ask(client, server.Address));

        Assert.That(error!.Message, Does.Contain("'CN=late' is not trusted: it is valid from 2020-01-01 00:00:00Z to 2021-01-01 00:00:00Z"));
        Assert.That(await log.NextWarningAsync(), Does.StartWith("spark.ssl.rpc.certChain names ").And.Contain("late.pem")
            .And.Contain("valid only from 2020-01-01 00:00:00Z to 2021-01-01 00:00:00Z"), "the server itself says so when it starts");
        Assert.That(await log.NextWarningAsync(), Does.StartWith("Refused a connection from 127.0.0.1:")
            .And.EndWith("perhaps it does not trust this node's certificate").Or.Contain("reset by peer"));
    }

    [Test]
    public async Task The_certificate_must_be_for_the_dialled_host_unless_that_is_switched_off([Values] bool verify)
    {
        await using var server = NewServer(Authority.Node("a", host: "node1.example"), new RecordedLog());
        await using var client = Envs.New("client", Authority.Node("b").Set("spark.ssl.rpc.verifyHostname", verify ? "true" : "false"));

        if (verify)
            Assert.That(Assert.ThrowsAsync<RpcConnectionException>(() => Ask(client, server.Address))!.Message,
                Does.Contain("it is not valid for the host '127.0.0.1'"));
        else Assert.That(await Ask(client, server.Address), Is.EqualTo(1));
    }

    [Test]
    public async Task A_certificate_may_be_for_a_host_name()
    {
        await using var server = NewServer(Authority.Node("a", host: "localhost"), new RecordedLog());
        await using var client = Envs.New("client", Authority.Node("b"));

        Assert.That(await Ask(client, server.Address with { Host = "localhost" }), Is.EqualTo(1));
    }

    [Test]
    public async Task Certificates_do_not_make_up_for_a_secret_that_is_asked_for()
    {
        var log = new RecordedLog();
        await using var server = NewServer(Authority.Node("a").SetAll(AuthenticationTests.Conf().Settings), log);
        await using var client = Envs.New("client", Authority.Node("b"));

        var error = Assert.ThrowsAsync<RpcConnectionException>(() => Ask(client, server.Address));

        Assert.That(error!.Message, Does.Contain("the listening node authenticates (spark.authenticate) and the connecting node does not"));
        Assert.That(await log.NextWarningAsync(), Does.Contain("the listening node authenticates (spark.authenticate) and the connecting node does not"));
    }

    [Test]
    public async Task A_server_that_asks_for_no_client_certificate_may_not_listen_beyond_loopback()
    {
        var conf = Authority.Node("a").Set("spark.ssl.rpc.needClientAuth", "false");
        await using var server = NewServer(conf, new RecordedLog());
        using var peer = new SecretPeer(server.Address);

        peer.Send([.. SecretPeer.Opening(authenticates: false), .. ScriptedPeer.Step(2)]);
        peer.ReceiveHello();

        Assert.That(peer.ReceiveStep().Step, Is.EqualTo(3));
        Assert.That(() => Envs.New(Envs.Options(conf: conf) with { BindHost = "0.0.0.0" }), Throws.InstanceOf<SparkException>()
            .With.Message.Contains("without authentication"));
    }

    private async Task<string> RefusalOf(X509Certificate2 certificate)
    {
        var log = new RecordedLog();
        await using var server = NewServer(Authority.Node("a"), log);
        using var peer = new SecretPeer(server.Address, certificate);
        peer.Send(SecretPeer.Opening(authenticates: false));
        var (step, reason) = ReceiveRefusal(peer);
        Assert.That((step, await log.NextWarningAsync()), Is.EqualTo((5, $"Refused a connection from {peer.Local}: {reason}")));
        return reason;
    }

    private static (int Step, string Reason) ReceiveRefusal(SecretPeer peer)
    {
        peer.ReceivePrelude();
        var (_, step, body) = peer.ReceiveStep();
        return (step, System.Text.Encoding.UTF8.GetString(body));
    }

    private static RpcEnv NewServer(SparkConf conf, RecordedLog log)
    {
        var server = Envs.New(Envs.Options("server", conf) with { LoggerFactory = log });
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        return server;
    }

    private static Task<int> Ask(RpcEnv env, RpcAddress peer) =>
        env.RefTo(new RpcEndpointAddress(peer, "e")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);
}
