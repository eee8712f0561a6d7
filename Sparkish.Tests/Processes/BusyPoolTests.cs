using Sparkish.Rpc;

namespace Sparkish.Tests.Processes;

/// <summary>Processes of a group whose thread pools have more to do than they can.</summary>
internal sealed class BusyPoolTests
{
    private const int Seconds = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Test]
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

    private static TestProcess Start(string seeds)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(
            RepositoryRoot.Find(), "Sparkish.Tests.Node", "bin", configuration.Parent!.Name, configuration.Name, "Sparkish.Tests.Node.dll");
        return TestProcess.Start("dotnet", ["exec", program, "membership", "127.0.0.1", "0", $"spark.membership.seeds={seeds}"]);
    }

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
