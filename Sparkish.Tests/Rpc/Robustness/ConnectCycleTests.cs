using System.Runtime.CompilerServices;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Tests.Rpc.Robustness;

[Platform("Linux", Reason = "Sockets are counted in /proc.")]
[NonParallelizable]
internal sealed class ConnectCycleTests
{
    private const int Cycles = 1000;
    private const int EncryptedCycles = 50;

    [Test]
    public async Task A_thousand_envs_that_come_and_go_leave_nothing_behind()
    {
        var secret = Security.AuthenticationTests.Conf();
        var clock = new CountingTime();
        var sockets = Sockets();
        var envs = new List<WeakReference>();

        await CycleAsync(new SparkConf(false), clock, Cycles - EncryptedCycles, envs);
        await CycleAsync(secret, clock, EncryptedCycles, envs);
        await SettleAsync(envs);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Sockets(), Is.LessThanOrEqualTo(sockets), "sockets");
            Assert.That(clock.Undisposed, Is.Zero, "timers");
            Assert.That(envs.Count(env => env.IsAlive), Is.Zero, "envs that something still holds");
        }
    }

    /// <summary>One server, and one client after the other.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task CycleAsync(SparkConf conf, TimeProvider clock, int cycles, List<WeakReference> envs)
    {
        await using var server = Envs.New(Envs.Options("server", conf) with { Time = clock });
        envs.Add(new WeakReference(server));
        server.Bulk.Register("a", new Echo());
        var self = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        for (var i = 0; i < cycles; i++) envs.Add(await ConnectAsync(self, conf, clock, i));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> ConnectAsync(RpcEndpointRef server, SparkConf conf, TimeProvider clock, int i)
    {
        await using var client = Envs.New(Envs.Options("client", conf) with { Time = clock, Listen = i % 2 == 0 });
        var there = server.From(client);

        there.Send("without an answer");
        var answer = await there.AskAsync<int>(i).AsTask().WaitAsync(Envs.Patience);
        var abandoned = there.AskAsync<int>(i, TimeSpan.FromHours(1)).AsTask();
        string streamed;
        using (var stream = client.OpenBulk(server.Address, $"a/{i}"))
        using (var reader = new StreamReader(stream)) streamed = await reader.ReadToEndAsync();

        Assert.That((answer, streamed, await abandoned), Is.EqualTo((i, $"{i}", i)));
        return new WeakReference(client);
    }

    /// <summary>Lets what has ended be forgotten: the last pieces of work of an env may stand in the pool when its end is told.</summary>
    private static async Task SettleAsync(List<WeakReference> envs)
    {
        for (var round = 0; round < 100 && envs.Exists(env => env.IsAlive); round++)
        {
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private static int Sockets() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Count(link => new FileInfo(link).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private sealed class Echo : IBulkSource
    {
        public BulkContent Open(string path) => new BulkContent().Add(System.Text.Encoding.UTF8.GetBytes(path));
    }
}
