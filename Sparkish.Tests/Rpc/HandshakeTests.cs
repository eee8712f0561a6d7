using System.Net.Security;
using System.Net.Sockets;
using FsCheck;
using FsCheck.Fluent;
using Sparkish.Rpc;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Rpc;

internal sealed class HandshakeTests
{
    private static readonly RpcAddress SomePeer = new("127.0.0.1", 65000);

    private static readonly (string Name, byte[][] Parts)[] Strangers =
    [
        ("a browser", ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray()]),
        ("random bytes", [[.. Enumerable.Range(0, 255).Select(i => (byte)(i * 77))]]),
        ("a magic that goes wrong", ["SPARKLER and some more bytes"u8.ToArray()]),
        ("a hello of length 0", [ScriptedPeer.Prelude(), ScriptedPeer.Step(1)]),
        ("a step of length 0 that is no hello", [ScriptedPeer.Prelude(), ScriptedPeer.Step(0)]),
        ("a hello that is too long", [ScriptedPeer.Prelude(), [1, 1, 16]]),
        ("an accepting word first", [ScriptedPeer.Prelude(), ScriptedPeer.Step(3)]),
        ("a line break in its name", [ScriptedPeer.Prelude(), ScriptedPeer.Hello(new RpcAddress("a\nb", 1))]),
        ("a proof where none is due", [ScriptedPeer.Prelude(), ScriptedPeer.Hello(SomePeer), ScriptedPeer.Step(2, new byte[32])]),
        ("a refusal", [ScriptedPeer.Prelude(), ScriptedPeer.Hello(SomePeer), ScriptedPeer.Step(5, "no\r\nfaked line"u8.ToArray())]),
    ];

    [TestCaseSource(nameof(Strangers))]
    public async Task A_stranger_costs_one_line_and_one_closed_connection((string Name, byte[][] Parts) stranger)
    {
        using var log = new RecordedLog();
        await using var server = NewServer(log);

        ScriptedPeer.Exchange(server.Address, stranger.Parts);
        var warning = await log.NextWarningAsync();
        await using var client = Envs.New("client");

        Assert.That(warning, Does.StartWith("Refused a connection from 127.0.0.1:").And.Not.Contain("\n"));
        Assert.That((await Ask(client, server.Address), log.Warnings), Is.EqualTo((1, 1)));
    }

    [TestCase("")]
    [TestCase("SPARK")]
    [TestCase("SPARKISH\u0002\0\u0002\0\u0001\u0050\0half a hello")]
    public async Task Silence_costs_one_line_and_one_closed_connection(string opening)
    {
        using var log = new RecordedLog();
        await using var server = NewServer(log, new SparkConf(false).Set("spark.rpc.io.connectionTimeout", "50ms"));

        var answer = ScriptedPeer.Exchange(server.Address, System.Text.Encoding.Latin1.GetBytes(opening));
        var warning = await log.NextWarningAsync();

        Assert.That((answer.Length, log.Warnings), Is.EqualTo((0, 1)));
        Assert.That(warning, Does.EndWith(opening.Length == 0
            ? "it sent nothing within 50ms (spark.rpc.io.firstByteTimeout)"
            : "no handshake within 50ms (spark.rpc.io.connectionTimeout)"));
    }

    [Test]
    public async Task Someone_who_leaves_without_a_word_costs_one_line()
    {
        using var log = new RecordedLog();
        await using var server = NewServer(log);

        using (var socket = new TcpClient(server.Address.Host, server.Address.Port)) socket.Client.Shutdown(SocketShutdown.Both);

        Assert.That(await log.NextWarningAsync(), Does.EndWith("it closed the connection before it sent anything"));
    }

    [Test]
    public async Task Tls_where_none_is_spoken_costs_one_line_and_one_closed_connection()
    {
        using var log = new RecordedLog();
        await using var server = NewServer(log);
        using var socket = new TcpClient(server.Address.Host, server.Address.Port);
        await using var tls = new SslStream(socket.GetStream());

        Assert.That(() => tls.AuthenticateAsClientAsync("localhost").WaitAsync(Envs.Patience), Throws.Exception);

        Assert.That(await log.NextWarningAsync(), Does.Contain("the connecting node speaks TLS and the listening node does not"));
        await using var client = Envs.New("client");
        Assert.That((await Ask(client, server.Address), log.Warnings), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task A_listener_that_says_nothing_or_nonsense_is_an_error_in_time(
        [Values("", "HTTP/1.1 400 Bad Request\r\n\r\n", "SPARKISH\u0002\0\u0002\0\u0009\0\0")] string answer, [Values] bool blocking)
    {
        await using var env = Envs.New(conf: new SparkConf(false).Set("spark.rpc.io.connectionTimeout", "100ms"));
        using var peer = new ScriptedPeer();
        var script = Task.Run(() =>
        {
            using var socket = peer.Accept();
            ScriptedPeer.ReceiveHello(socket);
            socket.Send(System.Text.Encoding.Latin1.GetBytes(answer));
            while (socket.Receive(new byte[100]) > 0)
            {
                // It waits for the env to leave.
            }
        });

        var error = blocking
            ? Assert.Throws<RpcConnectionException>(() => env.OpenBulk(peer.Address, "a/b"))
            : Assert.ThrowsAsync<RpcConnectionException>(() => Ask(env, peer.Address));

        Assert.That(error!.Message, Does.StartWith($"Cannot connect to {peer.Address}: "));
        Assert.That(error.Message, Does.Contain(answer.Length == 0 ? "(spark.rpc.io.connectionTimeout)" : answer[0] == 'H' ? "does not speak" : "step 9"));
        await script.WaitAsync(Envs.Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [Test]
    public async Task A_peer_one_version_ahead_that_still_speaks_ours_is_served()
    {
        using var log = new RecordedLog();
        await using var server = NewServer(log);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);

        // Its hello has more to say than this version knows of.
        socket.Send([.. ScriptedPeer.Prelude(version: 5, oldest: 4), .. ScriptedPeer.Hello(SomePeer, extension: [1, 2, 3])]);
        var prelude = ScriptedPeer.ReceiveExactly(socket, 12);
        var hello = ScriptedPeer.ReceiveStep(socket).Step;
        var proof = ScriptedPeer.ReceiveStep(socket);
        socket.Send(ScriptedPeer.Step(2));
        var verdict = ScriptedPeer.ReceiveStep(socket).Step;

        Assert.That(prelude, Is.EqualTo(ScriptedPeer.Prelude(version: 4, oldest: 2)));
        Assert.That((hello, proof.Step, proof.Body.Length, verdict, log.Warnings), Is.EqualTo(((byte)1, (byte)2, 0, (byte)3, 0)));
    }

    [Test]
    public async Task A_listener_one_version_ahead_that_still_speaks_ours_is_spoken_with()
    {
        await using var env = Envs.New();
        using var newer = new ScriptedPeer();
        var script = Task.Run(() =>
        {
            using var socket = newer.AcceptAndGreet(version: 5, oldest: 4);
            return ScriptedPeer.ReceiveExactly(socket, 5)[4];
        });

        env.RefTo(new RpcEndpointAddress(newer.Address, "e")).Send(1);

        Assert.That(await script.WaitAsync(Envs.Patience), Is.EqualTo((byte)FrameKind.Define));
    }

    [TestCase(6, 5, "version 6 and this node 4; this node is the older one")]
    [TestCase(1, 1, "version 1 and this node 4; the peer is the older one")]
    public async Task A_peer_without_a_common_version_is_told_so_and_who_is_older(int version, int oldest, string expected)
    {
        using var log = new RecordedLog();
        await using var server = NewServer(log);

        var answer = ScriptedPeer.Exchange(server.Address, ScriptedPeer.Prelude((ushort)version, (ushort)oldest));

        Assert.That(await log.NextWarningAsync(), Does.Contain(expected));
        Assert.That(answer[..13], Is.EqualTo((byte[])[.. ScriptedPeer.Prelude(version: 4, oldest: 2), 5]), "our versions, then the refusal");
    }

    [Test]
    public async Task Both_sides_learn_names_addresses_incarnations_and_roles()
    {
        await using var env = Envs.New(Envs.Options("named") with { Roles = ["worker", "rack-7"] });
        using var peer = new ScriptedPeer();
        var script = Task.Run(() =>
        {
            using var socket = peer.Accept();
            return ScriptedPeer.ReceiveHello(socket).Body;
        });

        env.RefTo(new RpcEndpointAddress(peer.Address, "e")).Send(1);

        var message = HandshakeFormat.DecodeHello(await script.WaitAsync(Envs.Patience));
        var hello = message.Hello;
        Assert.That((hello.Kind, hello.EnvName, hello.Address, hello.Incarnation != 0, message.Authenticates),
            Is.EqualTo((ConnectionKind.Messages, "named", env.Address, true, false)));
        Assert.That(hello.Roles, Is.EqualTo(new[] { "worker", "rack-7" }));
    }

    [Test]
    public void A_name_that_peers_would_refuse_is_refused_at_once([Values("line\nbreak", null)] string? name)
    {
        var hello = new Hello(ConnectionKind.Messages, name ?? new string('x', 300), SomePeer, 1, []);

        Assert.That(() => HandshakeFormat.EncodeHello(new HelloMessage(hello, new byte[32], false)),
            Throws.InstanceOf<SparkException>().With.Message.Contains("cannot be sent to peers"));
    }

    [FsCheck.NUnit.Property]
    public Property A_hello_comes_through_as_it_was()
    {
        var names = Gen.Elements("", "a", "env-1", "Knoten-ä", "節点", "rack/7:x");
        var hellos = from kind in Gen.Elements(ConnectionKind.Messages, ConnectionKind.Bulk)
                     from name in names
                     from host in names
                     from port in Gen.Choose(0, 65535)
                     from incarnation in ArbMap.Default.GeneratorFor<long>()
                     from roles in Gen.ListOf(names)
                     from authenticates in ArbMap.Default.GeneratorFor<bool>()
                     select (Hello: new Hello(kind, name, new RpcAddress(host, port), incarnation, [.. roles.Take(16)]), authenticates);
        return Prop.ForAll(hellos.ToArbitrary(), sample =>
        {
            var encoded = HandshakeFormat.EncodeHello(new HelloMessage(sample.Hello, new byte[32], sample.authenticates));
            var decoded = HandshakeFormat.DecodeHello(encoded.AsSpan(3));
            return decoded.Authenticates == sample.authenticates && decoded.Hello with { Roles = sample.Hello.Roles } == sample.Hello
                && decoded.Hello.Roles.SequenceEqual(sample.Hello.Roles);
        });
    }

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property Whatever_bytes_come_as_a_hello_are_read_or_refused() => Prop.ForAll<byte[], ushort>((bytes, cut) => IsReadOrRefused(bytes, cut));

    private static bool IsReadOrRefused(byte[] bytes, ushort cut)
    {
        var valid = ScriptedPeer.Hello(SomePeer)[3..];
        byte[] body = [.. valid.AsSpan(0, Math.Min(cut % 100, valid.Length)), .. bytes];
        try
        {
            HandshakeFormat.DecodeHello(body);
            HandshakeFormat.DecodeRefusal(body);
            return true;
        }
        catch (HandshakeException)
        {
            return true;
        }
    }

    private static RpcEnv NewServer(RecordedLog log, SparkConf? conf = null)
    {
        var server = Envs.New(Envs.Options("server", conf) with { LoggerFactory = log });
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        return server;
    }

    private static Task<int> Ask(RpcEnv env, RpcAddress peer) =>
        env.RefTo(new RpcEndpointAddress(peer, "e")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);
}
