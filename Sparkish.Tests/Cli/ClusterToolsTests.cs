using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Cli;

/// <summary>The commands of operators, on a cluster of processes with a secret.</summary>
[Platform("Unix")]
internal sealed class ClusterToolsTests
{
    private const string App = "app-20260102030405-0000";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Test]
    [Long]
    public async Task A_user_sees_the_cluster_and_its_output_and_only_an_operator_lets_workers_leave()
    {
        using var directory = new TemporaryDirectory();
        var secret = directory.Write("secret", "a secret that is long enough for everybody");
        string[] withSecret = ["--conf", $"spark.authenticate.secret.file={secret}"];
        await using var master = TestedEnv.Start("master", ["--port", "0", .. TestedEnv.WithFixedPorts(), .. withSecret]);
        var url = StandaloneCluster.UrlIn(await master.WaitForLineAsync(static line => line.Contains("Master started at", StringComparison.Ordinal), Limit));
        await using var worker = TestedEnv.Start("worker", [url, "--cores", "2", "--memory", "1g", "--work-dir", directory.File("work"), .. withSecret]);
        await worker.WaitForLineAsync(static line => line.Contains("Registered with master", StringComparison.Ordinal), Limit);
        string[] asUser = ["--master", url, "--conf", $"spark.authenticate.secret.file={directory.Write("key", (await RunAsync("secret", ["client", .. withSecret])).Output)}"];
        Directory.CreateDirectory(directory.File($"work/{App}/0"));
        var stdout = directory.Write($"work/{App}/0/stdout", "one\n");

        var table = await RunAsync("status", asUser);
        var json = await RunAsync("status", [.. asUser, "--json"]);
        var printed = await RunAsync("logs", [.. asUser, App, "0"]);
        var missing = await RunAsync("logs", [.. asUser, App, "7"]);
        var refused = await RunAsync("decommission", [.. asUser, "127.0.0.1"]);
        await using var follow = TestedEnv.Start("logs", [.. asUser, App, "0", "--follow"]);
        await follow.WaitForLineAsync(static line => line == "one", Limit);
        await File.AppendAllTextAsync(stdout, "two\n");
        await follow.WaitForLineAsync(static line => line == "two", Limit);
        File.Move(stdout, stdout + ".1");
        directory.Write($"work/{App}/0/stdout", "three\n");
        await follow.WaitForLineAsync(static line => line == "three", Limit);
        follow.Terminate();
        var followed = await follow.WaitForExitAsync(Limit);
        await using var watch = TestedEnv.Start("status", [.. asUser, "--json", "--watch", "1"]);
        await watch.WaitForLineAsync(_ => watch.Output.Count > 1, Limit);
        watch.Terminate();
        var watched = await watch.WaitForExitAsync(Limit);
        var nowhere = await RunAsync("decommission", ["--master", url, .. withSecret, "10.9.9.9"]);
        var left = await RunAsync("decommission", ["--master", url, .. withSecret, "127.0.0.1"]);
        var exit = await worker.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(table.Output, Does.StartWith($"Master {url} is ALIVE: 1 alive workers, 0 of 2 cores and 0 of 1024 MiB").And.Contains("worker-"));
            Assert.That(JsonDocument.Parse(json.Output).RootElement.GetProperty("aliveworkers").GetInt32(), Is.EqualTo(1));
            Assert.That((printed.Status, printed.Output), Is.EqualTo((0, "one")), printed.Error);
            Assert.That(missing.Status, Is.EqualTo(1));
            Assert.That(missing.Error, Does.Contain($"None of the 1 workers has output of executor {App}/7"));
            Assert.That((refused.Status, refused.Output), Is.EqualTo((1, "")), "the client key is no node");
            Assert.That(follow.Output, Is.EqualTo(new[] { "one", "two", "three" }));
            Assert.That((followed, watched), Is.EqualTo((0, 0)));
            Assert.That(nowhere.Status, Is.EqualTo(1));
            Assert.That(nowhere.Error, Does.Contain("no worker on 10.9.9.9"));
            Assert.That(left.Output, Does.StartWith("1 worker "));
            Assert.That(exit, Is.Zero, worker.Transcript);
        }
    }

    [TestCase("status", "The cluster is missing")]
    [TestCase("status --master local", "Invalid master URL")]
    [TestCase("status --master spark://h:1 --watch 0", "--watch is '0' but must be a whole number from 1 to 3600.")]
    [TestCase("logs --master spark://h:1 app-1", "'app-1' is not the id of a driver")]
    [TestCase("logs --master spark://h:1 ../etc 0", "'../etc' is not the id of an application")]
    [TestCase("logs --master spark://h:1 app-1 x", "EXECUTOR is 'x' but must be the number of an executor, from 0.")]
    [TestCase("init DIR --host not/a/host", "--host is 'not/a/host' but must be an address or a name of a machine")]
    [TestCase("local-cluster --workers 0", "--workers is '0' but must be a whole number from 1 to 100.")]
    public async Task A_wrong_command_line_is_told_in_one_line(string arguments, string contained)
    {
        await using var process = TestProcess.Start("dotnet", ["exec", TestedEnv.Command, .. arguments.Split(' ')],
            environment: new Dictionary<string, string?>(StringComparer.Ordinal) { ["MASTER"] = null });

        Assert.That(await process.WaitForExitAsync(Limit), Is.EqualTo(2), process.Transcript);
        Assert.That(process.Errors.Single(), Does.StartWith("sparkish: ").And.Contains(contained));
    }

    [Test]
    [Long]
    public async Task A_cluster_runs_with_what_init_has_made()
    {
        using var directory = new TemporaryDirectory();
        var (status, output, _) = await RunAsync("init", [directory.File("c"), "--host", "127.0.0.1", "--target", directory.File("c/127.0.0.1")]);
        var later = await RunAsync("init", [directory.File("c"), "--host", "10.0.0.9", "--target", "/etc/sparkish"]);
        var again = await RunAsync("init", [directory.File("c"), "--host", "127.0.0.1"]);
        var conf = directory.File("c/127.0.0.1/spark.conf");
        await using var master = TestedEnv.Start("master", ["--port", "0", .. TestedEnv.WithFixedPorts(), "--properties-file", conf]);
        var url = StandaloneCluster.UrlIn(await master.WaitForLineAsync(static line => line.Contains("Master started at", StringComparison.Ordinal), Limit));
        await using var worker = TestedEnv.Start("worker", [url, "--work-dir", directory.File("work"), "--properties-file", conf]);
        await worker.WaitForLineAsync(static line => line.Contains("Registered with master", StringComparison.Ordinal), Limit);

        var seen = await RunAsync("status", ["--master", url, "--properties-file", conf]);
        var stranger = await RunAsync("status", ["--master", url, "--conf", $"spark.authenticate.secret.file={directory.File("c/secret")}"]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((status, later.Status, again.Status), Is.EqualTo((0, 0, 1)));
            Assert.That(output, Does.Contain("copy its files to"));
            Assert.That(again.Error, Does.Contain("exists: remove it"));
            Assert.That(seen.Output, Does.Contain("1 alive workers"), seen.Error);
            Assert.That(stranger.Status, Is.EqualTo(1), "without a certificate");
            Assert.That(Directory.EnumerateFiles(directory.File("c"), "*", SearchOption.AllDirectories).Select(ModeOf),
                Is.All.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [Test]
    [Long]
    public async Task A_local_cluster_runs_in_processes_and_ends_with_its_command_or_a_node()
    {
        using var directory = new TemporaryDirectory();
        var port = FreePort();
        await using var cluster = TestedEnv.Start("local-cluster", ["--port", port, "--work-dir", directory.Path, "--memory", "512m"]);
        await cluster.WaitForLineAsync(static line => line.StartsWith("worker1: ", StringComparison.Ordinal) && line.Contains("Registered with"), Limit);
        await cluster.WaitForLineAsync(static line => line.StartsWith("worker2: ", StringComparison.Ordinal) && line.Contains("Registered with"), Limit);
        await using var taken = TestedEnv.Start("local-cluster", ["--port", port, "--work-dir", directory.Path]);

        var second = await taken.WaitForExitAsync(Limit);
        var status = await RunAsync("status", ["--master", $"spark://127.0.0.1:{port}"]);
        cluster.Terminate();
        var ended = await cluster.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second, Is.EqualTo(1), "its workers would join the first");
            Assert.That(taken.Errors.Single(), Does.Contain($"Port {port} of 127.0.0.1 is in use"));
            Assert.That(status.Output, Does.Contain("2 alive workers, 0 of 2 cores and 0 of 1024 MiB"));
            Assert.That(ended, Is.Zero, cluster.Transcript);
        }
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(string command, params string[] arguments)
    {
        await using var process = TestedEnv.Start(command, arguments);
        var status = await process.WaitForExitAsync(Limit);
        return (status, string.Join('\n', process.Output), string.Join('\n', process.Errors));
    }

    private static UnixFileMode ModeOf(string file) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file);

    private static string FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
