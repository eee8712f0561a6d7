using System.Diagnostics;
using System.Text.RegularExpressions;
using Sparkish.Tests.Recovery;

namespace Sparkish.Tests.Processes;

/// <summary>Two masters as processes over one journal: the leader is killed while a job runs on executors that are processes, too.</summary>
public sealed partial class FailoverTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [TestCase("FILESYSTEM")]
    [TestCase("POSTGRESQL")]
    public async Task A_job_outlives_its_master_and_another_master_replaces_a_killed_executor(string mode)
    {
        using var directory = new TemporaryDirectory();
        string[] recovery =
        [
            "--conf", $"spark.deploy.recoveryMode={mode}", "--conf", $"spark.deploy.recoveryDirectory={directory.File("journal")}",
            .. mode == "POSTGRESQL" ? ["--conf", $"spark.deploy.postgresql.url={await PostgreSqlTestServer.NewDatabaseAsync()}"] : Array.Empty<string>(),
        ];
        await using var leader = TestProcess.StartAssembly("sparkish.dll", ["master", "--port", "0", .. recovery]);
        var first = UrlIn(await leader.WaitForLineAsync(Has("Master started at"), Limit));
        await using var standby = TestProcess.StartAssembly("sparkish.dll", ["master", "--port", "0", .. recovery]);
        var masters = $"{first},{UrlIn(await standby.WaitForLineAsync(Has("waits for its election"), Limit))["spark://".Length..]}";
        await using var one = StartWorker(masters, directory.File("one"));
        await using var other = StartWorker(masters, directory.File("other"));
        await one.WaitForLineAsync(Has("Registered with master"), Limit);
        await other.WaitForLineAsync(Has("Registered with master"), Limit);
        await using var sc = LocalContext.Start(masters, ("spark.cores.max", "1"));
        await using var gate = new TaskGate();
        var port = gate.Port;
        var counts = sc.Parallelize(Enumerable.Range(0, 100), 4).Map(x => (Key: x % 5, Value: Gated(x, port))).ReduceByKey((a, b) => a + b);
        var job = Task.Run(() => counts.Collect());
        var executor = await gate.NextArrivalAsync();

        leader.Kill();
        await standby.WaitForLineAsync(Has("recovery completed with 2 workers, 1 applications"), Limit);
        Process.GetProcessById(executor).Kill(); // only a master can replace it
        var replacement = await gate.NextArrivalAsync();
        gate.Open();

        using (Assert.EnterMultipleScope())
        {
            var expected = Enumerable.Range(0, 100).GroupBy(x => x % 5).Select(group => (group.Key, group.Sum()));
            Assert.That((await job.WaitAsync(Limit)).Order(), Is.EqualTo(expected));
            Assert.That(replacement, Is.Not.EqualTo(executor));
        }

        await using var next = LocalContext.Start(masters, ("spark.cores.max", "1"));
        Assert.That(next.Parallelize([1, 2, 3], 2).Count(), Is.EqualTo(3));
    }

    private static int Gated(int value, int port)
    {
        if (value == 0) TaskGate.Pass(port);
        return value;
    }

    private static TestProcess StartWorker(string masters, string directory) =>
        TestProcess.StartAssembly("sparkish.dll", ["worker", masters, "--cores", "1", "--memory", "2g", "--work-dir", directory]);

    private static Func<string, bool> Has(string text) => line => line.Contains(text, StringComparison.Ordinal);

    private static string UrlIn(string line) => SparkUrl().Match(line).Value;

    [GeneratedRegex(@"spark://[\d.]+:\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SparkUrl();
}
