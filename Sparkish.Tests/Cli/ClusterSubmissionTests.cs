using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sparkish.Deploy.Worker.Processes;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Cli;

/// <summary>Drivers in cluster mode on a cluster of processes.</summary>
[Platform("Unix")]
internal sealed class ClusterSubmissionTests
{
    private const string OnAnyWorker = "spark.worker.driverDirectories";
    private const int Sigstop = 19;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Test]
    public async Task An_uploaded_word_count_runs_on_a_worker_with_the_client_key_and_its_package_is_removed()
    {
        using var directory = new TemporaryDirectory();
        var secret = directory.Write("secret", "a secret that is long enough for everybody");
        var key = directory.Write("key", await ClientKeyAsync(secret));
        var input = directory.Write("input.txt", "to be or not to be");
        await using var cluster = await StandaloneCluster.StartAsync(workers: 2, "--conf", $"spark.authenticate.secret.file={secret}");
        await using var submit = Submit(cluster, "--conf", $"spark.authenticate.secret.file={key}", "--conf", "spark.standalone.submit.waitAppCompletion=true",
            "--driver-memory", "512m", "--executor-memory", "512m", CopyOfExamples(directory), "wordcount", input, "--output", directory.File("out"));

        var status = await submit.WaitForExitAsync(Limit);

        var written = Directory.GetFiles(directory.File("out"), "part-*").Order(StringComparer.Ordinal).SelectMany(File.ReadLines);
        Assert.That(status, Is.Zero, submit.Transcript);
        Assert.That(submit.Output[^1], Does.EndWith(" is FINISHED"));
        Assert.That(written, Is.EqualTo(new[] { "be\t2", "not\t1", "or\t1", "to\t2" }));
        await cluster.Master.WaitForLineAsync(static line => line.Contains("removed: no driver needs it", StringComparison.Ordinal), Limit);
    }

    [Test]
    public async Task A_supervised_driver_that_is_killed_runs_again_until_it_is_ended_by_its_id()
    {
        await using var cluster = await StartAsync(workers: 1);
        await using var gate = new TaskGate();
        var driver = await SubmitAsync(cluster, gate, "--supervise");
        using var first = Process.GetProcessById(await gate.NextArrivalAsync());

        first.Kill();
        using var second = Process.GetProcessById(await gate.NextArrivalAsync());
        await using var running = Submit(cluster, "--status", driver);
        var whileRunning = await running.WaitForExitAsync(Limit);
        await using var kill = Submit(cluster, "--kill", driver);
        var killed = await kill.WaitForExitAsync(Limit);
        await second.WaitForExitAsync().WaitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((whileRunning, killed), Is.EqualTo((0, 0)), $"{running.Transcript}\n{kill.Transcript}");
            Assert.That(running.Output.Single(), Does.StartWith($"Driver {driver} is RUNNING on worker-"));
            Assert.That(kill.Output[0], Is.EqualTo($"Kill request for {driver} submitted"));
            Assert.That(kill.Output[^1], Does.StartWith($"Driver {driver} is KILLED"));
        }
    }

    [Test]
    public async Task A_supervised_driver_whose_worker_is_killed_runs_on_another_one_under_a_new_id()
    {
        await using var cluster = await StartAsync(workers: 2);
        await using var gate = new TaskGate();
        var driver = await SubmitAsync(cluster, gate, "--supervise");
        using var first = Process.GetProcessById(await gate.NextArrivalAsync());
        var worker = await WorkerOfAsync(cluster, driver);

        Process.GetProcessById(worker.Id).Kill();
        using var second = Process.GetProcessById(await gate.NextArrivalAsync());
        await first.WaitForExitAsync().WaitAsync(Limit);
        await using var status = Submit(cluster, "--status", driver);
        await status.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.HasExited, Is.False);
            Assert.That(status.Output.Single(), Does.StartWith($"Driver {driver} is RELAUNCHING: ").And.Contain("submitted again as driver-"));
        }
    }

    [Test]
    public async Task A_driver_whose_worker_is_killed_ends_with_it_and_is_in_error()
    {
        await using var cluster = await StartAsync(workers: 2);
        await using var gate = new TaskGate();
        var driver = await SubmitAsync(cluster, gate);
        using var process = Process.GetProcessById(await gate.NextArrivalAsync());

        Process.GetProcessById((await WorkerOfAsync(cluster, driver)).Id).Kill();
        await process.WaitForExitAsync().WaitAsync(Limit);
        await cluster.Master.WaitForLineAsync(line => line.Contains($"Driver {driver} is Error", StringComparison.Ordinal), Limit);
        await using var status = Submit(cluster, "--status", driver);

        Assert.That(await status.WaitForExitAsync(Limit), Is.EqualTo(255), status.Transcript);
        Assert.That(status.Output.Single(), Does.StartWith($"Driver {driver} is ERROR"));
    }

    [Test]
    [Long]
    public async Task A_driver_that_hangs_when_its_worker_is_killed_is_ended_by_the_next_worker()
    {
        await using var cluster = await StartAsync(workers: 1);
        await using var gate = new TaskGate();
        await SubmitAsync(cluster, gate);
        var driver = ProcessIdentity.Find(await gate.NextArrivalAsync())!.Value;
        var wrapper = ProcessIdentity.Find(ParentOf(driver.Pid))!.Value;
        foreach (var process in new[] { wrapper, driver }) process.Send(Sigstop);

        await cluster.RestartWorkerAsync(0);

        Assert.That((driver.IsAlive, wrapper.IsAlive), Is.EqualTo((false, false)), cluster.Workers[0].Transcript);
    }

    [Test]
    public async Task What_a_killed_wrapper_leaves_behind_is_ended_and_the_driver_has_failed()
    {
        await using var cluster = await StartAsync(workers: 1);
        await using var gate = new TaskGate();
        var driver = await SubmitAsync(cluster, gate);
        using var process = Process.GetProcessById(await gate.NextArrivalAsync());

        Process.GetProcessById(ParentOf(process.Id)).Kill();

        await process.WaitForExitAsync().WaitAsync(Limit);
        await cluster.Master.WaitForLineAsync(line => line.Contains($"Driver {driver} is Failed", StringComparison.Ordinal), Limit);
    }

    [Test]
    public async Task What_a_cluster_does_not_have_or_take_is_told_in_one_line()
    {
        using var directory = new TemporaryDirectory();
        await using var cluster = await StartAsync(workers: 1);

        var unknown = await RunAsync("--master", cluster.Url, "--status", "driver-20260102030405-0000");
        var over = await RunAsync("--master", cluster.Url, "--kill", "driver-20260102030405-0000");
        var missing = await RunAsync("--master", cluster.Url, "--deploy-mode", "cluster", "/nowhere/app.dll");
        var large = await RunAsync(
            "--master", cluster.Url, "--deploy-mode", "cluster", "--conf", "spark.deploy.uploads.maxSize=1k", CopyOfExamples(directory), "wordcount");
        var nobody = await RunAsync("--master", "spark://127.0.0.1:1,127.0.0.1:2", "--status", "driver-20260102030405-0000");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(unknown, Is.EqualTo((255, "sparkish: The master does not know driver driver-20260102030405-0000.")));
            Assert.That(over, Is.EqualTo((255, "sparkish: Driver driver-20260102030405-0000 has already finished or does not exist")));
            Assert.That(missing.Error, Does.StartWith("sparkish: Application '/nowhere/app.dll' does not exist"));
            Assert.That(large.Error, Does.Contain("spark.deploy.uploads.maxSize"));
            Assert.That(nobody.Status, Is.EqualTo(255));
            Assert.That(nobody.Error, Does.StartWith("sparkish: Cannot reach any master of spark://127.0.0.1:1,127.0.0.1:2 (").And.Contain("127.0.0.1:2: "));
        }
    }

    private static Task<StandaloneCluster> StartAsync(int workers) =>
        StandaloneCluster.StartAsync(workers, "--conf", $"{OnAnyWorker}={AppContext.BaseDirectory}");

    private static TestProcess Submit(StandaloneCluster cluster, params string[] arguments) =>
        TestedEnv.Start("submit", ["--master", cluster.Url, "--deploy-mode", "cluster", .. arguments]);

    /// <summary>Submits a driver of this assembly that waits at a gate; returns its id.</summary>
    private static async Task<string> SubmitAsync(StandaloneCluster cluster, TaskGate gate, params string[] options)
    {
        var program = $"local:{Path.Combine(AppContext.BaseDirectory, "Sparkish.Tests.dll")}";
        await using var submit = Submit(
            cluster, [.. options, "--driver-memory", "512m", program, "submitted-driver", gate.Port.ToString(CultureInfo.InvariantCulture), "0"]);
        var line = await submit.WaitForLineAsync(static line => line.StartsWith("Driver successfully submitted as ", StringComparison.Ordinal), Limit);
        return line[(line.LastIndexOf(' ') + 1)..];
    }

    private static async Task<TestProcess> WorkerOfAsync(StandaloneCluster cluster, string driver)
    {
        var ran = cluster.Workers.Select(worker => (Worker: worker, Line: worker.WaitForLineAsync(HasLaunched, Limit))).ToList();
        var first = await Task.WhenAny(ran.Select(one => one.Line));
        return ran.Single(one => one.Line == first).Worker;

        bool HasLaunched(string line) => line.Contains($"Driver {driver} launched", StringComparison.Ordinal);
    }

    private static int ParentOf(int process)
    {
        var parent = File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("PPid:", StringComparison.Ordinal));
        return int.Parse(parent["PPid:".Length..], CultureInfo.InvariantCulture);
    }

    private static async Task<(int Status, string Error)> RunAsync(params string[] arguments)
    {
        await using var submit = TestedEnv.Start("submit", arguments);
        var status = await submit.WaitForExitAsync(Limit);
        Assert.That(submit.Errors, Has.Count.EqualTo(1), submit.Transcript);
        return (status, submit.Errors[0]);
    }

    private static async Task<string> ClientKeyAsync(string secret)
    {
        await using var command = TestedEnv.Start("secret", "client", "--conf", $"spark.authenticate.secret.file={secret}");
        Assert.That(await command.WaitForExitAsync(Limit), Is.Zero, command.Transcript);
        return command.Output[0];
    }

    /// <summary>The examples without what else lies beside the tests.</summary>
    private static string CopyOfExamples(TemporaryDirectory directory)
    {
        var target = Directory.CreateDirectory(directory.File("app")).FullName;
        using var dependencies = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Sparkish.Examples.deps.json")));
        var assemblies = dependencies.RootElement.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject()
            .SelectMany(static library => library.Value.TryGetProperty("runtime", out var files) ? files.EnumerateObject().Select(static file => file.Name) : [])
            .Select(Path.GetFileName);
        foreach (var file in assemblies.Append("Sparkish.Examples.deps.json").Append("Sparkish.Examples.runtimeconfig.json"))
            File.Copy(Path.Combine(AppContext.BaseDirectory, file!), Path.Combine(target, file!), overwrite: true);
        return Path.Combine(target, "Sparkish.Examples.dll");
    }
}
