using System.Globalization;
using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Rest;

/// <summary>The <c>spark-submit</c> of Apache Spark itself submits to a cluster of processes, asks and kills.</summary>
[Long]
[Platform("Unix")]
internal sealed partial class SparkClientTests
{
    // Its client says in its log what the server answered.
    private const string Logging = """
        rootLogger.level = info
        rootLogger.appenderRef.stdout.ref = console
        appender.console.type = Console
        appender.console.name = console
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %m%n
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Test]
    public async Task Spark_submit_of_Apache_Spark_runs_asks_for_and_kills_a_driver_here()
    {
        var run = SparkPeer.Run();
        using var directory = new TemporaryDirectory();
        var logging = directory.Write("log4j2.properties", Logging);
        await using var gate = new TaskGate();
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1, "--conf", $"spark.worker.driverDirectories={AppContext.BaseDirectory}",
            "--conf", "spark.master.rest.enabled=true", "--conf", "spark.master.rest.port=0");
        var started = await cluster.Master.WaitForLineAsync(static line => line.Contains("REST submission server started at ", StringComparison.Ordinal), Limit);
        var rest = "spark://" + HttpUrl().Match(started).Groups["address"].Value;
        var program = Path.Combine(AppContext.BaseDirectory, "Sparkish.Tests.dll");
        string[] arguments = ["submitted-driver", gate.Port.ToString(CultureInfo.InvariantCulture), "0"];

        await using var submit = Submit("--deploy-mode", "cluster", "--class", "Sparkish.Tests", "--driver-memory", "512m", $"file:{program}");
        var line = await submit.WaitForLineAsync(static line => DriverId().IsMatch(line), Limit);
        var driver = DriverId().Match(line).Value;
        using var process = System.Diagnostics.Process.GetProcessById(await gate.NextArrivalAsync());
        await using var status = Submit("--status", driver);
        var asked = await status.WaitForExitAsync(Limit);
        await using var kill = Submit("--kill", driver);
        var killed = await kill.WaitForExitAsync(Limit);
        await process.WaitForExitAsync().WaitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((asked, killed), Is.EqualTo((0, 0)), $"{status.Transcript}\n{kill.Transcript}");
            Assert.That(status.Transcript, Does.Not.Contain("Error"));
            Assert.That(kill.Transcript, Does.Not.Contain("Error").And.Contain($"{driver} is killed successfully."));
        }

        TestProcess Submit(params string[] options) => TestProcess.Start(run,
            ["submit", "--master", rest, "--conf", "spark.master.rest.enabled=true", .. options, .. options.Contains("cluster") ? arguments : []],
            environment: new Dictionary<string, string?>(StringComparer.Ordinal) { ["HEAP"] = "256m", ["JAVA_OPTS"] = $"-Dlog4j2.configurationFile={logging}" });
    }

    [GeneratedRegex("http://(?<address>[0-9.:]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HttpUrl();

    [GeneratedRegex("driver-[0-9]{14}-[0-9]{4}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DriverId();
}
