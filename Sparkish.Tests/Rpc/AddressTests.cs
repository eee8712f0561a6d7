using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Rpc;

/// <summary>Where an env listens and how peers reach it.</summary>
internal sealed class AddressTests
{
    [TestCase("::1", "::1")]
    [TestCase("[::1]", "::1")]
    [TestCase("localhost", "localhost")]
    [TestCase("127.0.0.1", "127.0.0.1")]
    public async Task Envs_meet_at_addresses_of_both_kinds_and_at_names(string bind, string host)
    {
        if (bind.Contains(':', StringComparison.Ordinal) && !Socket.OSSupportsIPv6) Assert.Ignore("This machine has no IPv6.");
        await using var server = Envs.New(Envs.Options("server", AuthenticationTests.Conf()) with { BindHost = bind });
        await using var client = Envs.New(Envs.Options("client", AuthenticationTests.Conf()) with { BindHost = bind });
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));

        var answer = await Ask(client, RpcAddress.Parse(server.Address.ToSparkUrl()));

        Assert.That((server.Address.Host, server.Address.Port > 0, answer), Is.EqualTo((host, true, 1)));
        Assert.That(() => client.OpenBulk(server.Address, "a/b"), Throws.InstanceOf<Sparkish.Rpc.Bulk.BulkNotFoundException>());
    }

    [Test]
    public async Task Behind_an_address_translator_peers_know_the_outer_port()
    {
        using var translator = new TcpRelay();
        var outer = translator.Port;
        using var log = new RecordedLog();
        await using var inner = Envs.New(Envs.Options("inner") with { AdvertisedHost = "localhost", AdvertisedPort = outer, LoggerFactory = log });
        var bound = log.Lines.Single(line => line.StartsWith("RpcEnv inner listens on 127.0.0.1:", StringComparison.Ordinal)).Split(':', ' ')[5];
        var translating = translator.RunAsync(new RpcAddress("127.0.0.1", int.Parse(bound, CultureInfo.InvariantCulture)));
        await using var client = Envs.New("client");
        var onClient = new TestEndpoint();
        client.SetupEndpoint("f", onClient);
        inner.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));

        var answer = await Ask(client, inner.Address);

        Assert.That((inner.Address, answer), Is.EqualTo((new RpcAddress("localhost", outer), 1)));
        Assert.That(await onClient.NextNetworkAsync(), Is.EqualTo($"connected localhost:{outer}"));
        Assert.That((translator.Accepted, translating.IsCompleted), Is.EqualTo((1, false)));
    }

    [Test]
    public async Task The_next_ports_are_tried_as_often_as_is_said()
    {
        await using var first = Envs.New("first");
        var port = first.Address.Port;

        await using var second = Envs.New(Envs.Options("second") with { Port = port, PortMaxRetries = 16 });

        Assert.That(second.Address.Port, Is.GreaterThan(port).And.LessThanOrEqualTo(port + 16));
    }

    [Test]
    public async Task A_port_in_use_is_named_together_with_those_that_were_tried()
    {
        await using var first = Envs.New("first");
        var port = first.Address.Port;
        using var next = new TcpListener(IPAddress.Loopback, port + 1);
        try
        {
            next.Start();
        }
        catch (SocketException)
        {
            // Somebody else has it: just as good.
        }

        var alone = Assert.Throws<SparkException>(() => Envs.New(Envs.Options("second") with { Port = port }));
        var both = Assert.Throws<SparkException>(() => Envs.New(Envs.Options("second") with { Port = port, PortMaxRetries = 1 }));

        Assert.That(alone!.Message, Does.StartWith($"Service 'second' cannot listen on 127.0.0.1:{port}: the port is in use."));
        Assert.That(both!.Message,
            Does.StartWith($"Service 'second' cannot listen on 127.0.0.1:{port + 1} after 1 retries (starting from {port}): the port is in use."));
    }

    private static Task<int> Ask(RpcEnv env, RpcAddress peer) =>
        env.RefTo(new RpcEndpointAddress(peer, "e")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);
}
