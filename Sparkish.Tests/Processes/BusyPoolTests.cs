using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Processes;

/// <summary>Processes whose thread pools have more to do than they can.</summary>
internal sealed class BusyPoolTests
{
    private const int Seconds = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Test, Long]
    public async Task A_busy_thread_pool_is_not_taken_for_a_dead_node()
    {
        await using var first = Start("");
        var seed = RpcAddress.Parse(
            (await first.WaitForLineAsync(line => line.StartsWith("listens on ", StringComparison.Ordinal), Patience))["listens on ".Length..]);
        await using var second = Start($"{seed}");
        await using var third = Start($"{seed}");
        TestProcess[] all = [first, second, third];
        await AgreeAsync(all, "joined");

        await second.WriteLineAsync($"busy busy {Seconds}");
        var over = await AnswerAsync(second, "busy");
        await AgreeAsync(all, "over");

        Assert.That(over.Delay, Is.GreaterThan(8000), "The thread pool was busy for longer than a silent node may be.");
        foreach (var process in all)
            Assert.That(process.Output.Select(MemberLine.Parse), Has.None.Matches<MemberLine?>(line => line?.Event == "Down"), process.Transcript);
    }

    [Test, Long]
    public async Task Signs_of_life_leave_though_all_threads_of_the_pool_are_blocked()
    {
        (string Key, string Value)[] beat = [("spark.rpc.io.keepAliveInterval", "100ms"), ("spark.rpc.io.keepAliveTimeout", "3s")];
        await using var process = TestProcess.Start("dotnet", NodeProgram.Arguments(beat.Select(pair => $"{pair.Key}={pair.Value}")));
        var node = RpcAddress.Parse(
            (await process.WaitForLineAsync(line => line.StartsWith("listens on ", StringComparison.Ordinal), Patience))["listens on ".Length..]);
        var conf = new SparkConf(false);
        foreach (var (key, value) in beat) conf.Set(key, value);
        await using var env = Envs.New("hears-a-blocked-node", conf);
        var local = new TestEndpoint();
        env.SetupEndpoint("network", local);
        Assert.ThrowsAsync<EndpointNotFoundException>(() => env.RefTo(new RpcEndpointAddress(node, "none")).AskAsync<int>(1).AsTask().WaitAsync(Patience));
        Assert.That(await local.NextNetworkAsync(), Does.StartWith("connected "));

        await process.WriteLineAsync("block");
        await process.WaitForLineAsync(line => line == "blocked", Patience);
        using var heard = new RecordedMeter("hears-a-blocked-node");
        var end = local.NextNetworkAsync();
        while (heard["sparkish.rpc.network.io receive"] < 50 * 5 && !end.IsCompleted) await Task.Delay(100); // a ping is five bytes

        Assert.That(end.IsCompleted, Is.False, "The node was heard for longer than a silent one may be.");
    }

    [Test]
    public async Task A_thread_that_asks_an_endpoint_with_a_thread_of_its_own_needs_no_thread_of_the_pool()
    {
        await using var process = TestProcess.Start("dotnet", NodeProgram.Arguments());
        await process.WriteLineAsync("block");
        await process.WaitForLineAsync(line => line == "blocked", Patience);

        await process.WriteLineAsync("ask");

        Assert.That(async () => await process.WaitForLineAsync(line => line == "answered", Patience), Throws.Nothing);
    }

    private static TestProcess Start(string seeds) =>
        TestProcess.Start("dotnet", NodeProgram.Arguments("membership", "127.0.0.1", "0", $"spark.membership.seeds={seeds}"));

    /// <summary>Waits until all see each other, and suspect none.</summary>
    private static async Task AgreeAsync(TestProcess[] all, string when)
    {
        for (var round = 0; ; round++)
        {
            var seen = new List<MemberLine>();
            foreach (var process in all)
            {
                await process.WriteLineAsync($"members {when}-{round}");
                seen.Add(await AnswerAsync(process, $"{when}-{round}"));
            }

            if (seen.All(line => line.Members!.Length == all.Length && line.Suspected!.Length == 0)) return;
            Assert.That(round, Is.LessThan(600), string.Join('\n', all.Select(process => process.Transcript)));
            await Task.Delay(100);
        }
    }

    private static async Task<MemberLine> AnswerAsync(TestProcess process, string number) =>
        MemberLine.Parse(await process.WaitForLineAsync(line => MemberLine.Parse(line)?.Number == number, Patience))!;
}
