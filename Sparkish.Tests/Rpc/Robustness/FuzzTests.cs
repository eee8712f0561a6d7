using System.Globalization;
using System.Net.Security;
using System.Runtime.Versioning;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Rpc.Robustness;

/// <summary>
/// Peers that send anything but what they should. The variable SPARKISH_FUZZ_FRAMES sets another number of frames, SPARKISH_FUZZ_SEED the seed, which each
/// run prints: under it every connection sends the same bytes again.
/// </summary>
[Platform("Linux", Reason = "The memory and sockets of another process are read from /proc.")]
[UnsupportedOSPlatform("windows")]
internal sealed class FuzzTests
{
    private const int Peers = 8;
    private const int MostMemoryMiB = 200;

    [TestCase(100_000)]
    [TestCase(1_000_000, Category = LongAttribute.Category)]
    public async Task An_env_under_fire_serves_its_healthy_client_and_leaks_nothing(int frames)
    {
        var wantedFrames = FromEnvironment("SPARKISH_FUZZ_FRAMES", frames);
        var seed = FromEnvironment("SPARKISH_FUZZ_SEED", Random.Shared.Next());
        await using var env = await FuzzedEnv.StartAsync();
        await env.StatusAsync();
        var sockets = env.Sockets();
        var payloads = Payloads(env.Client);
        var (sent, connections) = (0, 0);

        env.StartAsking();
        await Task.WhenAll(Enumerable.Range(0, Peers).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref sent) < wantedFrames)
            {
                var number = Interlocked.Increment(ref connections);
                Interlocked.Add(ref sent, await AttackAsync(env.Address, new RpcAddress($"fuzz-{number}", 1), seed ^ (number * 7919), payloads));
            }
        })));
        var asked = await env.StopAskingAsync();
        await env.AloneAsync();
        var (status, socketsLeft, memory) = (await env.StatusAsync(), await env.SettledSocketsAsync(sockets), env.PeakMemoryMiB());
        var logged = await env.EndAsync();

        var summary =
            $"{sent} frames on {connections} connections, seed {seed}: peak {memory} MiB, {asked} asks of the healthy client, {status.Warnings} warnings";
        TestContext.Out.WriteLine($"{summary}\n{string.Join('\n', logged.Take(60))}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(status.Errors, Is.Zero, $"{summary}\n{string.Join('\n', logged)}");
            Assert.That(status.Warnings, Is.LessThanOrEqualTo(connections * 3), $"a bad peer costs a line or three, not one for each frame: {summary}");
            Assert.That(socketsLeft, Is.LessThanOrEqualTo(sockets), summary);
            Assert.That(memory, Is.LessThanOrEqualTo(MostMemoryMiB), summary);
            Assert.That(asked, Is.GreaterThan(10), summary);
            Assert.That(logged, Has.None.Contains("Index was out").And.None.Contains("Object reference").And.None.Contains("Arithmetic"), summary);
        }
    }

    [TestCase(400)]
    [TestCase(4000, Category = LongAttribute.Category)]
    public async Task An_env_that_authenticates_reads_nothing_of_peers_that_have_not(int wantedAttacks)
    {
        var seed = FromEnvironment("SPARKISH_FUZZ_SEED", Random.Shared.Next());
        await using var env = await FuzzedEnv.StartAsync("correct horse battery staple");
        await env.StatusAsync();
        var sockets = env.Sockets();
        var payloads = Payloads(env.Client);
        var clientHello = TlsClientHello();
        var attacks = 0;

        env.StartAsking();
        await Task.WhenAll(Enumerable.Range(0, Peers).Select(_ => Task.Run(async () =>
        {
            for (int number; (number = Interlocked.Increment(ref attacks)) <= wantedAttacks;)
                await AttackUnprovenAsync(env.Address, new FrameFuzzer(seed ^ (number * 7919), payloads), clientHello);
        })));
        var asked = await env.StopAskingAsync();
        await env.AloneAsync();
        var (status, socketsLeft, memory) = (await env.StatusAsync(), await env.SettledSocketsAsync(sockets), env.PeakMemoryMiB());
        var logged = await env.EndAsync();

        var summary =
            $"{wantedAttacks} attacks, seed {seed}: peak {memory} MiB, {asked} asks of the healthy client, {status.Warnings} warnings\n{string.Join('\n', logged)}";
        TestContext.Out.WriteLine(summary);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(status.CountedMade, Is.Zero, summary);
            Assert.That(status.Errors, Is.Zero, summary);
            Assert.That(status.Warnings, Is.LessThanOrEqualTo(wantedAttacks), summary);
            Assert.That(logged, Has.All.Matches("Refused (a connection|.* more connections?)"), summary);
            Assert.That(socketsLeft, Is.LessThanOrEqualTo(sockets), summary);
            Assert.That(memory, Is.LessThanOrEqualTo(MostMemoryMiB), summary);
            Assert.That(asked, Is.GreaterThan(10), summary);
        }
    }

    /// <summary>Every byte that could be sent without knowing the secret; and behind it, as if all were well, messages that would be counted.</summary>
    private static async Task AttackUnprovenAsync(RpcAddress env, FrameFuzzer fuzzer, byte[] clientHello)
    {
        var self = new RpcAddress("unproven", 1);
        var messages = fuzzer.CountedMessages();
        if (fuzzer.OneIn(10))
        {
            await Task.Run(() => AttackBehindTls(env, fuzzer, [.. fuzzer.Unproven(self), .. messages]));
            return;
        }

        using var peer = await FuzzPeer.ConnectAsync(env);
        await peer.TrySendAsync(fuzzer.Next(4) switch
        {
            0 => fuzzer.HalfHandshake(self),
            1 => fuzzer.Mutated(clientHello),
            2 => clientHello[..fuzzer.Next(clientHello.Length)],
            _ => [.. fuzzer.Unproven(self), .. messages],
        });
        if (fuzzer.OneIn(2)) peer.Reset();
    }

    private static void AttackBehindTls(RpcAddress env, FrameFuzzer fuzzer, byte[] bytes)
    {
        using var peer = new Security.SecretPeer(env);
        peer.Send(bytes);
        if (fuzzer.OneIn(2)) peer.ReceiveEnd();
    }

    /// <summary>The first thing that TLS says, as the platform says it.</summary>
    private static byte[] TlsClientHello()
    {
        var said = new MemoryStream();
        using var tls = new SslStream(said);
        Assert.That(() => tls.AuthenticateAsClient("127.0.0.1"), Throws.InstanceOf<Exception>(), "nobody answers");
        return said.ToArray();
    }

    /// <summary>One connection, and how many frames it was.</summary>
    private static async Task<int> AttackAsync(RpcAddress env, RpcAddress self, int seed, IReadOnlyList<byte[]> payloads)
    {
        var fuzzer = new FrameFuzzer(seed, payloads);
        try
        {
            using var peer = await FuzzPeer.ConnectAsync(env);
            if (!fuzzer.OneIn(3)) return await SendFramesAsync(peer, self, fuzzer);
            await peer.TrySendAsync(fuzzer.HalfHandshake(self));
            if (fuzzer.OneIn(2)) peer.Reset();
            return 1;
        }
        catch (Exception e)
        {
            throw new AssertionException($"Connection {self.Host} (its seed {seed}) failed: {e.Message}", e);
        }
    }

    private static async Task<int> SendFramesAsync(FuzzPeer peer, RpcAddress self, FrameFuzzer fuzzer)
    {
        await peer.GreetAsync(self, version: (ushort)(2 + fuzzer.Next(2)));
        var survivable = 1 + fuzzer.Next(400);
        var bytes = new MemoryStream();
        bytes.Write(fuzzer.DefineFirst());
        for (var i = 0; i < survivable; i++) bytes.Write(fuzzer.Survivable());
        bytes.Write(fuzzer.Probe());
        await peer.SendAsync(bytes.ToArray(), 1 + fuzzer.Next(20_000));
        await peer.AnsweredAsync();

        if (fuzzer.OneIn(2))
        {
            await peer.TrySendAsync(fuzzer.Fatal());
            await peer.Ended.WaitAsync(Envs.Patience);
            return survivable + 1;
        }

        var wild = fuzzer.Next(100);
        for (var i = 0; i < wild; i++) await peer.TrySendAsync(fuzzer.Wild());
        if (fuzzer.OneIn(2)) peer.Reset();
        return survivable + wild;
    }

    private static List<byte[]> Payloads(RpcEnv env)
    {
        var format = new MessageFormat(FuzzedEnvProgram.Messages);
        var values = new RpcSerializationContext(env) { Types = TypeBinder.Application };
        Nested? deep = null;
        for (var i = 0; i < 100; i++) deep = new Nested(i, deep);
        object?[] messages =
        [
            new Note("fuzz", 1), new Note("ignored", 2), new Blob(new byte[300]), new CallMe(env.RefTo(new RpcEndpointAddress(env.Address, "e")), "x"), deep!,
            "text", 7, 7L, null, new UserValue("u", [1, 2, 3]),
        ];
        return [.. messages.Select(message => Written(format, message, values))];
    }

    private static byte[] Written(MessageFormat format, object? message, SerializationContext context)
    {
        var writer = new ByteWriter();
        format.Write(writer, message, context);
        return writer.ToArray();
    }

    private static int FromEnvironment(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private sealed record UserValue(string Name, int[] Numbers);
}
