using Sparkish.Benchmarks.Faults;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Recovery.Faults;

/// <summary>
/// A short run of <c>faults</c> on each store; longer ones: <c>dotnet run -c Release --project Sparkish.Benchmarks -- faults --minutes 20</c>.
/// </summary>
internal sealed class FaultRunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [TestCase("files")]
    [TestCase("postgresql")]
    [TestCase("zookeeper")]
    public async Task Whatever_is_killed_frozen_or_cut_off_nothing_acknowledged_is_lost_and_never_two_lead(string store)
    {
        if (FaultTarget.WhyMissing(store) is { } reason) Assert.Ignore(reason);

        // Servers of ZooKeeper may lose what they acknowledged when their disks were full: ZOOKEEPER-4882.
        string[] without = store == "zookeeper" ? ["--no-full-disks"] : [];
        await using var process = TestProcess.StartAssembly("Sparkish.Benchmarks.dll", ["faults", "--store", store, "--minutes", "0.3", .. without]);
        var exit = await process.WaitForExitAsync(Patience);
        await TestContext.Out.WriteLineAsync(process.Transcript);

        Assert.That(exit, Is.Zero, process.Transcript);
        Assert.That(process.Output, Has.One.Contains("checked").And.Contains("nothing lost, nothing doubled, never two current leaders"), process.Transcript);
    }
}
