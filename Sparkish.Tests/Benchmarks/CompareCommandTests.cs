using System.Runtime.Versioning;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Benchmarks;

[UnsupportedOSPlatform("windows")]
internal sealed class CompareCommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Test]
    public async Task A_missing_peer_is_one_line_and_exit_status_2()
    {
        await using var compare = Start("first", "--peer", "/no/such/run");

        var status = await compare.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(2));
            Assert.That(compare.Errors, Is.EqualTo(new[] { "compare: There is no peer at '/no/such/run': give --peer the path of the peer's 'run' script." }));
        }
    }

    [Test]
    public async Task The_same_answer_from_a_peer_is_reported_as_JSON_lines()
    {
        using var peer = new ScriptedPeer(check: "999000");
        await using var compare = Start("first", "--rounds", "1", "--json", "--peer", peer.Run);

        var status = await compare.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.Zero, compare.Transcript);
            Assert.That(compare.Output, Has.Count.EqualTo(2));
            Assert.That(compare.Output, Has.All.Contains("\"baselineName\":\"spark 9.9\"")
                .And.All.Contains("\"check\":\"999000\",\"baselineCheck\":\"999000\""));
        }
    }

    [Test]
    public async Task Another_answer_from_a_peer_is_an_error_and_no_figure()
    {
        using var peer = new ScriptedPeer(check: "7");
        await using var compare = Start("first", "--rounds", "1", "--json", "--peer", peer.Run);

        var status = await compare.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(1));
            Assert.That(compare.Output, Is.Empty);
            Assert.That(compare.Errors[^1], Does.StartWith("compare: first has check values that differ: sparkish 999000, spark 9.9 7."));
        }
    }

    [Test]
    public async Task Real_Spark_gives_the_same_answers()
    {
        var run = Environment.GetEnvironmentVariable("SPARKISH_PEER_SPARK");
        if (string.IsNullOrEmpty(run)) Assert.Ignore("SPARKISH_PEER_SPARK does not name the peer's 'run' script.");
        await using var compare = Start("first", "jobs", "tasks", "--rounds", "1", "--json", "--peer", run);

        var status = await compare.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, compare.Transcript);
    }

    private static TestProcess Start(params string[] arguments) => TestProcess.StartAssembly("Sparkish.Benchmarks.dll", ["compare", .. arguments]);

    /// <summary>A shell script that prints what the peer would, with a jar beside it that gives the version.</summary>
    private sealed class ScriptedPeer : IDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sparkish-peer-");

        public ScriptedPeer(string check)
        {
            _directory.CreateSubdirectory("jars");
            File.WriteAllText(Path.Combine(_directory.FullName, "jars", "spark-core_2.13-9.9.jar"), "");
            File.WriteAllText(Run, $$"""
                #!/bin/sh
                echo '{"engine":"spark","workload":"first","first_run_ends_ms":5000}'
                echo '{"engine":"spark","workload":"first","run":0,"seconds":0.5,"check":"{{check}}"}'
                echo '{"engine":"spark","workload":"first","peak_rss_kib":500000}'
                """);
            File.SetUnixFileMode(Run, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public string Run => Path.Combine(_directory.FullName, "run");

        public void Dispose() => _directory.Delete(recursive: true);
    }
}
