using System.Globalization;
using System.Runtime.Versioning;
using Sparkish.Rpc;
using Sparkish.Serialization;

namespace Sparkish.Tests.Rpc.Robustness;

/// <summary>
/// Peers that send anything but what they should. The variable SPARKISH_FUZZ_FRAMES sets how many frames there are (a million takes a minute or two),
/// SPARKISH_FUZZ_SEED the seed, which a failure prints.
/// </summary>
[Platform("Linux", Reason = "The memory and sockets of another process are read from /proc.")]
[UnsupportedOSPlatform("windows")]
internal sealed class FuzzTests
{
    private const int Peers = 8;
    private const int MostMemoryMiB = 200;

    private static readonly int WantedFrames = FromEnvironment("SPARKISH_FUZZ_FRAMES", 100_000);

    [Test]
    public async Task An_env_under_fire_serves_its_healthy_client_and_leaks_nothing()
    {
        var seed = FromEnvironment("SPARKISH_FUZZ_SEED", Random.Shared.Next());
        await using var env = await FuzzedEnv.StartAsync();
        await env.StatusAsync();
        var sockets = env.Sockets();
        var payloads = Payloads(env.Client);
        var (sent, connections) = (0, 0);

        env.StartAsking();
        await Task.WhenAll(Enumerable.Range(0, Peers).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref sent) < WantedFrames)
            {
                var number = Interlocked.Increment(ref connections);
                Interlocked.Add(ref sent, await AttackAsync(env.Address, new RpcAddress($"fuzz-{number}", 1), seed ^ (number * 7919), payloads));
            }
        })));
        var asked = await env.StopAskingAsync();
        await env.AloneAsync();
        var (status, socketsLeft, memory) = (await env.StatusAsync(), await env.SettledSocketsAsync(sockets), env.PeakMemoryMiB());
        var logged = await env.EndAsync();

        var summary = $"{sent} frames on {connections} connections, seed {seed}: peak {memory} MiB, {asked} asks of the healthy client, {status.Warnings} warnings";
        TestContext.Out.WriteLine($"{summary}\n{string.Join('\n', logged.Take(60))}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(status.Errors, Is.Zero, $"{summary}\n{string.Join('\n', logged)}");
            Assert.That(status.Warnings, Is.LessThanOrEqualTo(connections * 3), $"a bad peer costs a line or three, not one for each frame: {summary}");
            Assert.That(socketsLeft, Is.LessThanOrEqualTo(sockets), summary);
            Assert.That(memory, Is.LessThanOrEqualTo(MostMemoryMiB), summary);
            Assert.That(asked, Is.GreaterThan(100), summary);
            Assert.That(logged, Has.None.Contains("Index was out").And.None.Contains("Object reference").And.None.Contains("Arithmetic"), summary);
        }
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
        await peer.GreetAsync(self);
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
        Nested? deep = null;
        for (var i = 0; i < 100; i++) deep = new Nested(i, deep);
        object?[] messages =
        [
            new Note("fuzz", 1), new Note("ignored", 2), new Blob(new byte[300]), new CallMe(env.RefTo(new RpcEndpointAddress(env.Address, "e")), "x"), deep!,
            "text", 7, 7L, null, Guid.Empty, new List<int> { 1, 2, 3 }, new UserValue("u", [1, 2, 3]),
        ];
        return [.. messages.Select(message => Written(format, message, env.SerializationContext))];
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
