using System.Diagnostics;
using System.Globalization;

namespace Sparkish.Tests.Processes;

/// <summary>
/// Applications one after another, with executors that are processes, on one master and one worker: nothing of master, worker and driver grows with their
/// number. There are a few dozen, or as many as <c>SPARKISH_APPLICATIONS</c> says. It prints its figures.
/// </summary>
[Long]
[Platform("Linux")]
[NonParallelizable] // it counts the files of this process
internal sealed class ManyApplicationsTests
{
    private const double MostMiB = 16;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    // So that the memory of a process shows what it keeps, and not what its collector has not looked at yet.
    private static readonly Dictionary<string, string?> Collecting = new(StringComparer.Ordinal)
    {
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_GCgen0size"] = "400000",
        ["DOTNET_GCConserveMemory"] = "9",
    };

    [Test]
    public async Task Applications_one_after_another_leave_nothing_behind()
    {
        var count = RequestedNumber.Of("SPARKISH_APPLICATIONS", 40);
        using var directory = new TemporaryDirectory();
        var (work, scratch) = (directory.File("work"), Directory.CreateDirectory(directory.File("scratch")).FullName);
        await using var master = Start(scratch, "master", "--port", "0", "--conf", "spark.deploy.retainedApplications=10");
        var url = StandaloneCluster.UrlIn(await master.WaitForLineAsync(Has("Master started at"), Limit));
        await using var worker = Start(scratch, "worker", url, "--cores", "1", "--memory", "2g", "--work-dir", work,
            "--conf", "spark.worker.cleanup.interval=1s", "--conf", "spark.worker.cleanup.appDataTtl=1s");
        await worker.WaitForLineAsync(Has("Registered with master"), Limit);
        var usages = new List<(ProcessUsage Master, ProcessUsage Worker, ProcessUsage Driver)>();

        for (var i = 0; i < count; i++)
        {
            await RunAsync(url, scratch);
            usages.Add((ProcessUsage.Of(master.Id), ProcessUsage.Of(worker.Id), ProcessUsage.Of(Environment.ProcessId)));
            if ((i + 1) % Math.Max(count / 20, 1) == 0) Print(i + 1, usages[^1]);
        }

        // The first half is for what is made once: threads, code, pools.
        var (early, late) = (usages[(count / 2)..(count * 3 / 4)], usages[(count * 3 / 4)..]);
        using (Assert.EnterMultipleScope())
        {
            AssertFlat("master", [.. early.Select(usage => usage.Master)], [.. late.Select(usage => usage.Master)]);
            AssertFlat("worker", [.. early.Select(usage => usage.Worker)], [.. late.Select(usage => usage.Worker)]);
            AssertFlat("driver", [.. early.Select(usage => usage.Driver)], [.. late.Select(usage => usage.Driver)]);
        }

        for (var clock = Stopwatch.StartNew(); Directory.EnumerateDirectories(work, "app-*").Any() && clock.Elapsed < Limit;) await Task.Delay(100);
        Assert.That(Directory.EnumerateDirectories(work, "app-*"), Is.Empty, "the worker removes the directories of applications");
        Assert.That(Directory.EnumerateFileSystemEntries(scratch).Count(), Is.LessThan(10), "nothing of each application is left");
    }

    private static async Task RunAsync(string url, string scratch)
    {
        await using var sc = LocalContext.Start(url, ("spark.executor.memory", "256m"), ("spark.local.dir", scratch));
        Assert.That(sc.Parallelize([1, 2, 3], 2).Count(), Is.EqualTo(3));
    }

    private static TestProcess Start(string scratch, params string[] arguments) => TestProcess.Start(
        "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "sparkish.dll"), .. arguments], directory: null,
        new Dictionary<string, string?>(Collecting, StringComparer.Ordinal) { ["TMPDIR"] = scratch });

    /// <summary>One more file or thread for each application would be many more than these.</summary>
    private static void AssertFlat(string process, ProcessUsage[] early, ProcessUsage[] late)
    {
        var slack = Math.Max(4, late.Length / 2);
        Assert.That(late.Min(usage => usage.Files), Is.LessThan(early.Min(usage => usage.Files) + slack), $"open files of the {process}");
        Assert.That(late.Min(usage => usage.Threads), Is.LessThan(early.Min(usage => usage.Threads) + slack), $"threads of the {process}");
        Assert.That(late.Min(usage => usage.MemoryMiB), Is.LessThan(early.Min(usage => usage.MemoryMiB) + MostMiB), $"memory of the {process}");
    }

    private static void Print(int applications, (ProcessUsage Master, ProcessUsage Worker, ProcessUsage Driver) usage) => TestContext.Out.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{applications} applications: master {usage.Master}; worker {usage.Worker}; driver {usage.Driver}"));

    private static Func<string, bool> Has(string text) => line => line.Contains(text, StringComparison.Ordinal);
}
