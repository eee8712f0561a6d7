using System.Net.Sockets;
using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>A message whose construction is counted: it comes to be only when somebody deserializes it.</summary>
public sealed record Counted(int Number)
{
    private static int _made;

    public static int Made => Volatile.Read(ref _made);

    public int Number { get; } = Count(Number);

    private static int Count(int number)
    {
        Interlocked.Increment(ref _made);
        return number;
    }
}

/// <summary>Peers that send valid messages without having proven themselves: nothing of it is deserialized.</summary>
[NonParallelizable]
internal sealed class UnprovenPeerTests
{
    private const string Secret = "correct horse battery staple";

    private RecordedLog _log = null!;
    private RpcEnv _env = null!;
    private TestEndpoint _endpoint = null!;
    private byte[] _frames = null!;
    private int _made;

    [SetUp]
    public void SetUp()
    {
        _log = new RecordedLog();
        _env = Envs.New(Options(AuthenticationTests.Conf(Secret)) with { LoggerFactory = _log });
        _endpoint = new TestEndpoint();
        _env.SetupEndpoint("e", _endpoint);
        _frames = RecordFrames();
        _made = Counted.Made;
    }

    [TearDown]
    public async Task TearDown()
    {
        await _env.DisposeAsync();
        _log.Dispose();
    }

    [Test]
    public async Task Only_the_proven_peer_of_this_test_gets_its_message_read()
    {
        using var peer = new SecretPeer(_env.Address);

        var (_, _, accepted) = Authenticate(peer, Secret);
        peer.Send(_frames);

        Assert.That(accepted, Is.EqualTo(3));
        Assert.That((await _endpoint.NextAsync(), await _endpoint.NextAsync()), Is.EqualTo(("start", new Counted(7))));
        Assert.That(Counted.Made, Is.EqualTo(_made + 2), "the one that arrived, and the one it is compared with");
    }

    [Test]
    public async Task Without_tls_nothing_is_read()
    {
        var answer = ScriptedPeer.Exchange(_env.Address, SecretPeer.Opening(authenticates: false), ScriptedPeer.Step(2), _frames);

        Assert.That(answer[12], Is.EqualTo(5), "refused");
        await AssertNothingWasReadAsync("speaks only TLS");
    }

    [Test]
    public async Task Without_a_wish_to_authenticate_nothing_is_read()
    {
        using var peer = new SecretPeer(_env.Address);

        SendAll(peer, SecretPeer.Opening(authenticates: false), ScriptedPeer.Step(2), _frames);

        await AssertNothingWasReadAsync("the connecting node does not");
    }

    [Test]
    public async Task Without_a_proof_nothing_is_read()
    {
        using var peer = new SecretPeer(_env.Address);

        SendAll(peer, SecretPeer.Opening(), _frames);

        await AssertNothingWasReadAsync("of the handshake where step 2 was expected", "more than 4096");
    }

    [Test]
    public async Task With_an_empty_proof_nothing_is_read()
    {
        using var peer = new SecretPeer(_env.Address);

        SendAll(peer, SecretPeer.Opening(), ScriptedPeer.Step(2), _frames);

        await AssertNothingWasReadAsync("proof is wrong");
    }

    [Test]
    public async Task With_a_wrong_proof_nothing_is_read()
    {
        using var peer = new SecretPeer(_env.Address);

        SendAll(peer, SecretPeer.Opening(), ScriptedPeer.Step(2, new byte[32]), _frames);

        await AssertNothingWasReadAsync("proof is wrong");
    }

    [Test]
    public async Task With_another_secret_nothing_is_read()
    {
        using var peer = new SecretPeer(_env.Address);

        Authenticate(peer, "another secret, just as long", _frames);

        await AssertNothingWasReadAsync("proof is wrong");
    }

    [Test]
    public async Task With_the_servers_own_proof_sent_back_nothing_is_read()
    {
        using var peer = new SecretPeer(_env.Address);
        peer.Send(SecretPeer.Opening());
        var (_, serverProof) = peer.ReceiveHello();

        SendAll(peer, ScriptedPeer.Step(2, serverProof), _frames);

        await AssertNothingWasReadAsync("proof is wrong");
    }

    [Test]
    public async Task With_the_proof_of_an_earlier_connection_nothing_is_read()
    {
        using var earlier = new SecretPeer(_env.Address);
        var (proof, _, accepted) = Authenticate(earlier, Secret);
        using var peer = new SecretPeer(_env.Address);

        SendAll(peer, SecretPeer.Opening(), ScriptedPeer.Step(2, proof), _frames);

        Assert.That(accepted, Is.EqualTo(3), "the proof was right where it was made");
        await AssertNothingWasReadAsync("proof is wrong");
    }

    [Test]
    public async Task With_a_proof_made_for_another_channel_nothing_is_read()
    {
        using var peer = new SecretPeer(_env.Address);
        await using var other = Envs.New("other", AuthenticationTests.Conf(Secret));
        using var elsewhere = new SecretPeer(other.Address);
        peer.Send(SecretPeer.Opening());
        var (hello, serverProof) = peer.ReceiveHello();

        // Right in all but the certificate: that of another node of the same cluster.
        SendAll(peer, ScriptedPeer.Step(2, elsewhere.Prove(Secret, "client", SecretPeer.Opening(), hello, serverProof)), _frames);

        await AssertNothingWasReadAsync("proof is wrong");
    }

    private static RpcEnvOptions Options(SparkConf conf) => Envs.Options(conf: conf) with
    {
        Messages = new Sparkish.Serialization.Messages.MessageRegistry().Add<Counted>(150),
    };

    /// <summary>What an env sends for one message: recorded, so that it is exactly what this env would read.</summary>
    private static byte[] RecordFrames()
    {
        using var recorder = new ScriptedPeer();
        var recording = Task.Run(() =>
        {
            using var socket = recorder.AcceptAndGreet();
            return (byte[])[.. ReceiveFrame(socket), .. ReceiveFrame(socket)]; // the receiver's number, then the message
        });
        var sender = Envs.New(Options(new SparkConf(false)));
        sender.RefTo(new RpcEndpointAddress(recorder.Address, "e")).Send(new Counted(7));
        var frames = recording.WaitAsync(Envs.Patience).GetAwaiter().GetResult();
        sender.DisposeAsync().AsTask().WaitAsync(Envs.Patience).GetAwaiter().GetResult();
        return frames;
    }

    private static byte[] ReceiveFrame(Socket socket)
    {
        var length = ScriptedPeer.ReceiveExactly(socket, 4);
        return [.. length, .. ScriptedPeer.ReceiveExactly(socket, BitConverter.ToInt32(length))];
    }

    private static (byte[] Proof, byte[] ServerProof, int Verdict) Authenticate(SecretPeer peer, string secret, byte[]? andAtOnce = null)
    {
        peer.Send(SecretPeer.Opening());
        var (hello, serverProof) = peer.ReceiveHello();
        if (secret == Secret)
            Assert.That(serverProof, Is.EqualTo(peer.Prove(secret, "server", SecretPeer.Opening(), hello, [])), "the env proves itself as the protocol says");
        var proof = peer.Prove(secret, "client", SecretPeer.Opening(), hello, serverProof);
        peer.Send([.. ScriptedPeer.Step(2, proof), .. andAtOnce ?? []]);
        return (proof, serverProof, peer.ReceiveStep().Step);
    }

    private static void SendAll(SecretPeer peer, params byte[][] parts)
    {
        peer.Send([.. parts.SelectMany(part => part)]);
        peer.ReceiveEnd();
    }

    private async Task AssertNothingWasReadAsync(params string[] reasons)
    {
        var warning = await _log.NextWarningAsync();
        await _env.DisposeAsync().AsTask().WaitAsync(Envs.Patience); // all that it has begun to do is done

        using (Assert.EnterMultipleScope())
        {
            Assert.That(reasons.Any(reason => warning.Contains(reason, StringComparison.Ordinal)), Is.True, warning);
            Assert.That(Counted.Made, Is.EqualTo(_made));
            Assert.That(_log.Warnings, Is.EqualTo(1));
            Assert.That(await _endpoint.UntilStoppedAsync(), Is.EqualTo(new[] { "start", "stop" }));
        }
    }
}
