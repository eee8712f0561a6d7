using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Examples;

/// <summary>The sample of bare actors as a user runs it: two processes, one of which is killed.</summary>
internal sealed partial class MyMasterAndWorkerTests
{
    private const int EndedBySigterm = 128 + 15; // what a shell expects

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Test]
    public async Task The_master_tells_of_heartbeats_and_of_the_end_of_a_killed_worker()
    {
        await using var master = StartMaster(0);
        var url = await UrlOfAsync(master);
        await using var worker = StartWorker(url);
        var id = string.Create(CultureInfo.InvariantCulture, $"worker-{worker.Id}");

        await master.WaitForLineAsync(line => line.EndsWith($"{id} has registered", StringComparison.Ordinal), Limit);
        await master.WaitForLineAsync(line => line.EndsWith($"heartbeat 2 of {id}", StringComparison.Ordinal), Limit);
        Kill(worker);
        var end = await master.WaitForLineAsync(line => line.Contains($"{id} is gone", StringComparison.Ordinal), Limit);

        Assert.That(end, Does.Match($@"^\d\d:\d\d:\d\d {id} is gone: NodeGone$"));
    }

    [Test]
    public async Task A_worker_registers_again_when_its_master_is_back()
    {
        await using var first = StartMaster(0);
        var url = await UrlOfAsync(first);
        await using var worker = StartWorker(url);
        await first.WaitForLineAsync(line => line.Contains("heartbeat 1 of", StringComparison.Ordinal), Limit);

        Kill(first);
        await worker.WaitForLineAsync(line => line.Contains("The master is gone", StringComparison.Ordinal), Limit);
        await using var second = StartMaster(int.Parse(url[(url.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));

        await second.WaitForLineAsync(line => line.Contains("heartbeat", StringComparison.Ordinal), Limit);
        await worker.WaitForLineAsync(_ => worker.Output.Count(line => line.EndsWith(" registered", StringComparison.Ordinal)) == 2, Limit);
    }

    [Test]
    public async Task A_signal_ends_both_and_the_master_is_told()
    {
        await using var master = StartMaster(0);
        await using var worker = StartWorker(await UrlOfAsync(master));
        await master.WaitForLineAsync(line => line.Contains("heartbeat", StringComparison.Ordinal), Limit);

        worker.Terminate();
        await master.WaitForLineAsync(line => line.Contains("is gone", StringComparison.Ordinal), Limit);
        master.Terminate();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await worker.WaitForExitAsync(Limit), Is.EqualTo(EndedBySigterm), worker.Transcript);
            Assert.That(await master.WaitForExitAsync(Limit), Is.EqualTo(EndedBySigterm), master.Transcript);
        }
    }

    [Test]
    public async Task A_url_that_is_none_is_one_clear_line()
    {
        await using var worker = StartWorker("nowhere");

        var status = await worker.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(1));
            Assert.That(worker.Errors, Is.EqualTo(new[] { "MyWorker: Invalid Spark URL: 'nowhere'. Write it as spark://host:port." }));
        }
    }

    private static TestProcess StartMaster(int port) =>
        TestProcess.StartAssembly("Sparkish.Examples.dll", "mymaster", "--port", port.ToString(CultureInfo.InvariantCulture));

    private static TestProcess StartWorker(string url) => TestProcess.StartAssembly("Sparkish.Examples.dll", "myworker", url);

    private static async Task<string> UrlOfAsync(TestProcess master) =>
        SparkUrl().Match(await master.WaitForLineAsync(line => line.StartsWith("MyMaster at", StringComparison.Ordinal), Limit)).Value;

    private static void Kill(TestProcess process)
    {
        using var killed = Process.GetProcessById(process.Id);
        killed.Kill();
    }

    [GeneratedRegex(@"spark://[\d.]+:\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SparkUrl();
}
