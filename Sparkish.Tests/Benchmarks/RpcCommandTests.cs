using System.Runtime.Versioning;
using System.Text.Json;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Benchmarks;

[UnsupportedOSPlatform("windows")]
internal sealed class RpcCommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    // Its packages are not those of these tests; the build of the solution puts it here.
    private static readonly string ActorPeersProgram = Path.Combine(
        RepositoryRoot.Find(), "Sparkish.Benchmarks.Peers", "bin", Configuration, "net10.0", "Sparkish.Benchmarks.Peers.dll");

    private static string Configuration => Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    private static readonly string[] LocalFigures =
    [
        "rpc.local.tell", "rpc.local.pingpong",
        "rpc.local.ask", "rpc.local.ask.p50", "rpc.local.ask.p99", "rpc.local.ask.bytes",
        "rpc.local.ask.1", "rpc.local.ask.1.p50", "rpc.local.ask.1.p99", "rpc.local.ask.1.bytes",
        "rpc.idle.bytes",
    ];

    private static readonly string[] RemoteFigures =
    [
        "rpc.remote.oneway.64", "rpc.remote.oneway.1024",
        "rpc.remote.ask.1", "rpc.remote.ask.1.p50", "rpc.remote.ask.1.p99",
        "rpc.remote.ask.16", "rpc.remote.ask.16.p50", "rpc.remote.ask.16.p99",
        "rpc.remote.ask.256", "rpc.remote.ask.256.p50", "rpc.remote.ask.256.p99",
        "rpc.bulk", "rpc.bulk.file",
    ];

    [TestCase(false)]
    public async Task Each_figure_is_one_JSON_line_with_ours_and_the_baseline(bool secured)
    {
        await using var rpc = Start(["--json", .. secured ? Array.Empty<string>() : ["--no-tls"]]);

        var status = await rpc.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, rpc.Transcript);
        JsonElement[] figures = [.. rpc.Output.Select(line => JsonElement.Parse(line))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(figures.Select(figure => figure.GetProperty("name").GetString()), Is.EqualTo(LocalFigures.Concat(RemoteFigures)
                .Concat(RemoteFigures.Where(_ => secured).Select(name => $"{name}.tls"))));
            Assert.That(figures.Select(figure => figure.GetProperty("value").GetDouble()), Has.All.Positive);
            Assert.That(figures.Select(figure => figure.GetProperty("baseline").GetDouble()), Has.All.Positive);
            Assert.That(figures.Select(figure => figure.GetProperty("unit").GetString()), Has.All.AnyOf("s", "B", "1/s", "B/s"));
        }
    }

    [Test]
    public async Task The_table_shows_what_is_to_be_reached()
    {
        await using var rpc = Start("--no-tls", "--only", "remote.ask.16", "idle");

        var status = await rpc.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, rpc.Transcript);
        var rows = rpc.Output.Where(line => line.Contains("rpc.", StringComparison.Ordinal))
            .Select(line => line.Split('│', StringSplitOptions.TrimEntries)).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => row[1]),
                Is.EqualTo(new[] { "rpc.idle.bytes", "rpc.remote.ask.16", "rpc.remote.ask.16.p50", "rpc.remote.ask.16.p99" }));
            Assert.That(rows[0][6], Is.EqualTo("<= 300 B"));
            Assert.That(rows[0][7], Is.AnyOf("yes", "no"));
            Assert.That(rows[1][4], Is.EqualTo("bare socket"));
        }
    }

    [Test]
    public async Task A_peer_adds_figures_of_the_loads_that_both_have()
    {
        using var peer = new ScriptedRpcPeer();
        await using var rpc = Start("--json", "--no-tls", "--only", "remote.ask.1", "local.pingpong", "--peer", peer.Run);

        var status = await rpc.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, rpc.Transcript);
        var spark = rpc.Output.Where(line => line.Contains("\"spark 9.9\"", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line)).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(spark.Select(figure => figure.GetProperty("name").GetString()),
                Is.EqualTo(new[] { "rpc.remote.ask.1.p50.spark", "rpc.remote.ask.1.p99.spark" }));
            Assert.That(spark.Select(figure => figure.GetProperty("baseline").GetDouble()),
                Is.EqualTo(new[] { 0.0001, 0.0002 }), "the warm-up round does not count");
        }
    }

    [Test, Long]
    public async Task Actor_frameworks_run_the_same_loads()
    {
        if (!File.Exists(ActorPeersProgram)) Assert.Ignore($"{ActorPeersProgram} was not built.");
        await using var rpc = Start("--json", "--only", "local.tell", "remote.oneway.64", "remote.ask.16", "--peer", "akka");

        var status = await rpc.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, rpc.Transcript);
        var figures = rpc.Output.Select(line => JsonElement.Parse(line)).ToArray();
        var names = figures.Select(figure => figure.GetProperty("name").GetString()).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Is.SupersetOf(new[]
            {
                "rpc.local.tell.akka-hyperion", "rpc.local.tell.sparkish", "rpc.local.tell.orleans",
                "rpc.remote.oneway.64.akka-bytes", "rpc.remote.oneway.64.orleans", "rpc.remote.ask.16.p50.akka-hyperion",
                "rpc.remote.ask.16.tls.akka-hyperion", "rpc.remote.ask.16.tls.sparkish",
            }));
            Assert.That(names, Is.Unique);
            Assert.That(figures.Select(figure => figure.GetProperty("value").GetDouble()), Has.All.Positive);
            Assert.That(figures.Select(figure => figure.GetProperty("baseline").GetDouble()), Has.All.Positive);
        }
    }

    [Test]
    public async Task An_unknown_figure_is_one_line_and_exit_status_1()
    {
        await using var rpc = Start("--no-tls", "--only", "remote.tell");

        var status = await rpc.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(1));
            Assert.That(rpc.Errors, Is.EqualTo(new[] { "rpc: No figure is called rpc.remote.tell: leave --only out to see all names." }));
        }
    }

    [Test]
    public async Task The_server_process_ends_with_its_standard_input()
    {
        await using var server =
            TestProcess.Start("sh", ["-c", $"echo | dotnet exec {Path.Combine(AppContext.BaseDirectory, "Sparkish.Benchmarks.dll")} rpc serve"]);

        var status = await server.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.Zero, server.Transcript);
            Assert.That(server.Output, Has.Count.EqualTo(1));
        }
    }

    private static TestProcess Start(params string[] arguments) =>
        TestProcess.StartAssembly("Sparkish.Benchmarks.dll", ["rpc", "--quick", "--rounds", "1", .. arguments]);

    /// <summary>A shell script that serves and prints as Spark's RPC benchmark does, with a jar beside it that gives the version.</summary>
    private sealed class ScriptedRpcPeer : IDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sparkish-peer-");

        public ScriptedRpcPeer()
        {
            _directory.CreateSubdirectory("jars");
            File.WriteAllText(Path.Combine(_directory.FullName, "jars", "spark-core_2.13-9.9.jar"), "");
            File.WriteAllText(Run, $$"""
                #!/bin/sh
                if [ "$2" = serve ]; then echo ready; exec sleep 600; fi
                {{RoundOf(p50: 5000)}}
                {{RoundOf(p50: 100)}}
                """);
            File.SetUnixFileMode(Run, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public string Run => Path.Combine(_directory.FullName, "run");

        public void Dispose() => _directory.Delete(recursive: true);

        private static string RoundOf(int p50) => string.Join('\n', new[] { "local", "remote" }.Select(where => $$"""
            echo '{"engine":"spark","rpc":"{{where}} one-way","per_s":80000}'
            echo '{"engine":"spark","rpc":"{{where}} ask, 1 outstanding","p50_us":{{p50}}.0,"p99_us":{{p50 * 2}}.0}'
            echo '{"engine":"spark","rpc":"{{where}} ask, 16 outstanding","per_s":20000}'
            echo '{"engine":"spark","rpc":"{{where}} ask, 256 outstanding","per_s":30000}'
            """));
    }
}
