using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Worker;
using Sparkish.Deploy.Worker.Processes;
using Sparkish.Deploy.Worker.Storage;
using Sparkish.TestKit;
using Sparkish.Tests.Deploy.Worker.Storage;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Worker;

[Platform("Unix")]
[NonParallelizable]
internal sealed class ProcessExecutorLauncherTests
{
    private string _work = "";

    private string ExecutorDirectory => Path.Combine(_work, "app-1", "0");

    [SetUp]
    public void MakeWorkDirectory() => _work = Directory.CreateTempSubdirectory("sparkish-launcher-").FullName;

    [TearDown]
    public void RemoveWorkDirectory() => Directory.Delete(_work, recursive: true);

    [Test]
    public async Task Output_environment_and_exit_status_of_a_real_process_are_kept()
    {
        await using var launcher = Launcher("echo out $DOTNET_GCHeapHardLimit; echo err >&2; pwd; exit 7");
        var started = new TaskCompletionSource();

        var status = await launcher.Launch(Launch(), started.SetResult).Completion.WaitAsync(TimeSpan.FromSeconds(20));

        var stderr = await File.ReadAllLinesAsync(Path.Combine(ExecutorDirectory, "stderr"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(7));
            Assert.That(started.Task.IsCompletedSuccessfully, Is.True);
            Assert.That(File.ReadAllLines(Path.Combine(ExecutorDirectory, "stdout")), Is.EqualTo(new[] { "out 0x20000000", ExecutorDirectory }));
            Assert.That(stderr[0], Does.StartWith("Sparkish Executor Command: \"/bin/sh\" \"-c\" ").And.Contain("\"--executor-id\" \"0\""));
            Assert.That(stderr[^3..], Is.EqualTo(new[] { new string('=', 40), "", "err" }));
        }
    }

    [TestCase("true", "1")]
    [TestCase("false", "0")]
    public async Task An_executor_has_cultures_if_its_driver_has(string invariant, string expected)
    {
        await using var launcher = Launcher("echo $DOTNET_SYSTEM_GLOBALIZATION_INVARIANT");
        var launch = Launch() with { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["spark.executor.invariantGlobalization"] = invariant } };

        await launcher.Launch(launch, static () => { }).Completion.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.That(await File.ReadAllTextAsync(Path.Combine(ExecutorDirectory, "stdout")), Is.EqualTo($"{expected}\n"));
    }

    [Test]
    [Platform("Linux")]
    public async Task No_pipe_to_an_executor_stays_open_after_its_end()
    {
        await using var launcher = Launcher("echo out; echo err >&2");
        var before = Pipes();

        for (var i = 0; i < 20; i++)
        {
            var launch = Launch() with { Key = new ExecutorKey(new ApplicationId("app-1"), i) };
            await launcher.Launch(launch, static () => { }).Completion.WaitAsync(TimeSpan.FromSeconds(20));
        }

        Assert.That(Pipes(), Is.LessThan(before + 10));

        static int Pipes() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Count(static file => new FileInfo(file).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) is true);
    }

    [Test]
    public async Task A_process_is_asked_to_end_before_it_is_killed()
    {
        await using var launcher = Launcher("trap 'echo polite; exit 3' TERM; echo ready; while :; do sleep 0.02; done");

        var run = await LaunchUntilReadyAsync(launcher);
        run.Kill();

        Assert.That(await run.Completion.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo(3));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(ExecutorDirectory, "stdout")), Does.EndWith("polite\n"));
    }

    [Test]
    public async Task A_process_that_does_not_end_is_killed_and_its_storage_removed()
    {
        await using var launcher = Launcher("trap '' TERM; mkdir blockmgr-1; echo ready; while :; do sleep 0.02; done", TimeSpan.FromMilliseconds(50));

        var run = await LaunchUntilReadyAsync(launcher);
        run.Kill();

        Assert.That(await run.Completion.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo(137));
        Assert.That(Directory.GetFileSystemEntries(ExecutorDirectory).Select(Path.GetFileName), Is.EquivalentTo(new[] { "stdout", "stderr" }));
    }

    [Test]
    public async Task Disposal_ends_what_runs()
    {
        var launcher = Launcher("echo ready; exec sleep 1000");
        var run = await LaunchUntilReadyAsync(launcher);

        await launcher.DisposeAsync();

        Assert.That(await run.Completion, Is.EqualTo(143));
    }

    [Test]
    public async Task Secrets_go_through_standard_input_alone()
    {
        Environment.SetEnvironmentVariable("SPARK_AUTHENTICATE_SECRET", "the cluster's own secret");
        try
        {
            await using var launcher = Launcher("cat; echo --; env; echo --; tr '\\0' ' ' </proc/$$/cmdline", credentials: ("spark.ssl.rpc.keyStorePassword", "opensesame"));

            await launcher.Launch(Launch(), static () => { }).Completion.WaitAsync(TimeSpan.FromSeconds(20));

            var said = (await File.ReadAllTextAsync(Path.Combine(ExecutorDirectory, "stdout"))).Split("--\n", 2);
            var read = ExecutorSecrets.AddTo(ExecutorCommandLineTests.Arguments, new StringReader(said[0]));
            using (Assert.EnterMultipleScope())
            {
                Assert.That(read.Secret.ToArray(), Is.EqualTo(Descriptions.Secret.Value));
                Assert.That(read.Credentials["spark.ssl.rpc.keyStorePassword"], Is.EqualTo("opensesame"));
                foreach (var secret in new[] { "the cluster's own secret", "opensesame", Convert.ToBase64String(Descriptions.Secret.Value) })
                    Assert.That(said[1], Does.Not.Contain(secret));
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("SPARK_AUTHENTICATE_SECRET", null);
        }
    }

    [Test]
    public async Task A_program_that_is_not_there_fails_the_run()
    {
        await using var launcher =
            new ProcessExecutorLauncher(new ExecutorHost(Path.Combine(_work, "nothing"), []), _work, TimeProvider.System, NullLoggerFactory.Instance);

        var run = launcher.Launch(Launch(), () => { });

        await Assert.ThatAsync(() => run.Completion, Throws.InstanceOf<System.ComponentModel.Win32Exception>());
    }

    [Test]
    public async Task What_a_killed_executor_stored_is_removed_also_where_old_applications_are_kept()
    {
        var storage = Directory.CreateDirectory(Path.Combine(_work, "app-0", "0", "blockmgr-1")).FullName;
        await File.WriteAllTextAsync(Path.Combine(storage, ".owner"), "");
        var time = new ManualClock();
        await using var launcher = new ProcessExecutorLauncher(new ExecutorHost("/bin/sh", []), _work, time, NullLoggerFactory.Instance);

        launcher.StartCleaning(CleanupOptions.Never);
        time.Advance(TimeSpan.FromDays(30));

        Assert.That(Directory.GetFileSystemEntries(_work, "*", SearchOption.AllDirectories),
            Is.EquivalentTo(new[] { Path.Combine(_work, "app-0"), Path.Combine(_work, "app-0", "0") }));
    }

    [Test]
    public async Task What_an_executor_has_started_ends_with_it()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("Only Linux tells the environment of processes.");
        await using var launcher = Launcher("sleep 1000 & echo $!");

        await launcher.Launch(Launch(), static () => { }).Completion.WaitAsync(TimeSpan.FromSeconds(20));

        var child = int.Parse(await File.ReadAllTextAsync(Path.Combine(ExecutorDirectory, "stdout")), CultureInfo.InvariantCulture);
        Assert.That(() => ProcessIdentity.Find(child), Is.Null.After(20_000, 20));
    }

    [Test]
    public async Task An_executor_is_bound_to_a_CPU_of_its_own_until_it_ends()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("Only Linux binds processes to CPUs.");
        var affinity = CpuAffinity.From(new SparkConf(loadDefaults: false).Set("spark.worker.cpuAffinity", "true"), cores: 1)!;
        var all = FreeCpus.Parse(File.ReadLines("/proc/self/status").First(static line => line.StartsWith("Cpus_allowed_list", StringComparison.Ordinal)).Split(':')[1]);
        await using var launcher = new ProcessExecutorLauncher(
            new ExecutorHost("/bin/sh", ["-c", "grep Cpus_allowed_list /proc/self/status"]) { Affinity = affinity }, _work, TimeProvider.System, NullLoggerFactory.Instance);

        await launcher.Launch(Launch(), static () => { }).Completion.WaitAsync(TimeSpan.FromSeconds(20));

        var seen = (await File.ReadAllTextAsync(Path.Combine(ExecutorDirectory, "stdout"))).Split(':')[1];
        Assert.That(FreeCpus.Parse(seen.Trim()), Is.EqualTo(all.Take(1)));
        Assert.That(() => affinity.Take(all.Count), Throws.Nothing, "the executor has returned its CPU");
    }

    [Test]
    public async Task A_launch_on_a_full_disk_fails_with_one_clear_error_and_runs_nothing()
    {
        await using var disk = await SmallDisk.MountAsync(kibibytes: 256);
        disk.Fill();
        await using var launcher = new ProcessExecutorLauncher(new ExecutorHost("/bin/sh", ["-c", "exit 0"]), disk.Path, TimeProvider.System, NullLoggerFactory.Instance);
        var started = false;

        var run = launcher.Launch(Launch(), () => started = true);

        await Assert.ThatAsync(() => run.Completion, Throws.TypeOf<SparkException>().With.Message.Contains("is full, so nothing can start there"));
        Assert.That((started, launcher.InUse.Contains(disk.File("app-1"))), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task A_disk_that_becomes_full_does_not_end_the_executor()
    {
        await using var disk = await SmallDisk.MountAsync(kibibytes: 256);
        await using var launcher = new ProcessExecutorLauncher(
            new ExecutorHost("/bin/sh", ["-c", "head -c 1000000 /dev/zero; exit 5"]), disk.Path, TimeProvider.System, NullLoggerFactory.Instance);

        var run = launcher.Launch(Launch(), static () => { });

        Assert.That(await run.Completion.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo(5));
        Assert.That(await run.OutputLost.WaitAsync(TimeSpan.FromSeconds(20)), Does.Contain("stdout cannot be written").And.Contain("No space left"));
    }

    // Arguments of the executor become the script's own, which ignores them.
    private ProcessExecutorLauncher Launcher(string script, TimeSpan? grace = null, params (string Key, string Value)[] credentials) =>
        new(new ExecutorHost("/bin/sh", ["-c", script, "executor"]), _work, TimeProvider.System, NullLoggerFactory.Instance)
        {
            KillGrace = grace ?? TimeSpan.FromSeconds(20),
            Credentials = credentials.ToDictionary(static entry => entry.Key, static entry => entry.Value, StringComparer.Ordinal),
        };

    private async Task<IExecutorRun> LaunchUntilReadyAsync(ProcessExecutorLauncher launcher)
    {
        Directory.CreateDirectory(ExecutorDirectory);
        using var watcher = new FileSystemWatcher(ExecutorDirectory, "stdout") { NotifyFilter = NotifyFilters.Size | NotifyFilters.LastWrite };
        var ready = new TaskCompletionSource();
        watcher.Changed += (_, changed) =>
        {
            if (new FileInfo(changed.FullPath).Length > 0) ready.TrySetResult();
        };
        watcher.EnableRaisingEvents = true;
        var run = launcher.Launch(Launch(), () => { });
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(20));
        return run;
    }

    private static ExecutorLaunch Launch() =>
        new(new ExecutorKey(new ApplicationId("app-1"), 0), 1, 512, "spark://CoarseGrainedScheduler@127.0.0.1:1", "127.0.0.1", "spark://Worker@127.0.0.1:2")
        {
            Secret = Descriptions.Secret,
        };
}
