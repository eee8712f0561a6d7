using Sparkish.Benchmarks.Faults;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Recovery.Faults;

/// <summary>
/// A short run of <c>faults</c> on each store; longer ones: <c>dotnet run -c Release --project Sparkish.Benchmarks -- faults --minutes 20</c>.
/// </summary>
[Long]
[NonParallelizable]
internal sealed class FaultRunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [TestCase("files")]
    [TestCase("postgresql")]
    [TestCase("zookeeper")]
    [TestCase("akka")]
    [TestCase("raft")]
    public async Task Whatever_is_killed_frozen_or_cut_off_nothing_acknowledged_is_lost_and_never_two_lead(string store)
    {
        if (FaultTarget.WhyMissing(store) is { } reason) Assert.Ignore(reason);

        await using var process = TestProcess.StartAssembly("Sparkish.Benchmarks.dll", "faults", "--store", store, "--minutes", "0.3");
        var exit = await process.WaitForExitAsync(Patience);
        await TestContext.Out.WriteLineAsync(process.Transcript);

        Assert.That(exit, Is.Zero, process.Transcript);
        Assert.That(process.Output, Has.One.Contains("checked").And.Contains("nothing lost, nothing doubled, never two current leaders"), process.Transcript);
    }

    [Test]
    public async Task Servers_of_ZooKeeper_that_are_rebuilt_after_full_disks_have_all_that_was_acknowledged()
    {
        if (FaultTarget.WhyMissing("zookeeper") is { } reason) Assert.Ignore(reason);
        if (await FaultDisk.WhyMissingAsync() is { } noDisk) Assert.Ignore(noDisk);
        await using var process = TestProcess.StartAssembly("Sparkish.Benchmarks.dll", "faults", "--store", "zookeeper", "--harsh", "--minutes", "0.3");

        var exit = await process.WaitForExitAsync(Patience);
        await TestContext.Out.WriteLineAsync(process.Transcript);

        Assert.That(exit, Is.Zero, process.Transcript);
        Assert.That(process.Output, Has.Some.Contains("full, server rebuilt").And.Exactly(3).Matches(@"server \d restores \d+ of \d+ acknowledged events"));
    }
}
