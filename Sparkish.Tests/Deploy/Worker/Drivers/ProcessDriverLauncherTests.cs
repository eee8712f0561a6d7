using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Uploads;
using Sparkish.Deploy.Worker;
using Sparkish.Deploy.Worker.Drivers;

namespace Sparkish.Tests.Deploy.Worker.Drivers;

/// <summary>Real processes in place of the wrapper.</summary>
[Platform("Unix")]
[NonParallelizable]
internal sealed class ProcessDriverLauncherTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly DriverId Id = new("driver-20260102030405-0000");

    private TemporaryDirectory _directory = null!;

    private string DriverDirectory => Path.Combine(_directory.File("work"), Id.Value);

    [SetUp]
    public void MakeDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task Output_of_all_runs_is_kept_under_a_header_each_and_the_environment_is_built_from_scratch()
    {
        Environment.SetEnvironmentVariable("SPARK_AUTHENTICATE_SECRET", "do not tell anyone at all");
        try
        {
            await using var launcher = Launcher("read line; env; echo ran; test -e done && exit 0; touch done; exit 3");

            var end = await launcher.Launch(Launch(Local(), isSupervised: true)).Completion.WaitAsync(Limit);

            var stdout = await File.ReadAllLinesAsync(Path.Combine(DriverDirectory, "stdout"));
            var stderr = await File.ReadAllLinesAsync(Path.Combine(DriverDirectory, "stderr"));
            using (Assert.EnterMultipleScope())
            {
                Assert.That(end.State, Is.EqualTo(DriverState.Finished));
                Assert.That(stdout.Count(line => line == "ran"), Is.EqualTo(2));
                Assert.That(stdout, Has.None.StartsWith("SPARK_AUTHENTICATE_SECRET").And.None.Contains("secret of the driver"));
                Assert.That(stdout, Has.Some.EqualTo($"SPARKISH_WORK_DIRECTORY={DriverDirectory}"));
                Assert.That(stderr.Count(line => line.StartsWith("Launch Command: \"/bin/sh\"", StringComparison.Ordinal)), Is.EqualTo(2));
                Assert.That(stderr[1..3], Is.EqualTo(new[] { new string('=', 40), "" }));
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("SPARK_AUTHENTICATE_SECRET", null);
        }
    }

    [Test]
    public async Task Program_settings_and_secrets_go_through_the_standard_input_alone()
    {
        await using var launcher = Launcher("read -r line; printf '%s' \"$line\"; echo \"$@\" >&2");

        await launcher.Launch(Launch(Local())).Completion.WaitAsync(Limit);

        var handOver = DriverHandOver.Parse(await File.ReadAllTextAsync(Path.Combine(DriverDirectory, "stdout")));
        var stderr = await File.ReadAllTextAsync(Path.Combine(DriverDirectory, "stderr"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((handOver.Program, handOver.Arguments.Single()), Is.EqualTo((Local()["local:".Length..], "argument")));
            Assert.That(handOver.Environment["DOTNET_GCHeapHardLimit"], Is.EqualTo("0x20000000"));
            Assert.That(handOver.Settings["spark.authenticate.secret"], Is.EqualTo("secret of the driver"));
            Assert.That(handOver.Settings["spark.driver.host"], Is.EqualTo("10.0.0.9"));
            Assert.That(handOver.Settings["spark.cores.max"], Is.EqualTo("2"));
            Assert.That(handOver.Settings, Does.Not.ContainKey("spark.ssl.trustStore"));
            Assert.That(stderr, Does.Not.Contain("secret of the driver").And.Contain(Id.Value));
        }
    }

    [Test]
    public async Task The_package_is_checked_and_unpacked_before_each_start()
    {
        var app = Directory.CreateDirectory(_directory.File("source")).FullName;
        await File.WriteAllTextAsync(Path.Combine(app, "app.dll"), "original");
        var archive = _directory.File("package.zip");
        DriverPackage.Pack(Path.Combine(app, "app.dll"), [], archive, maxBytes: 1000);
        var url = new PackageUrl(DriverPackage.HashOf(archive), "app.dll").ToString();
        await using var launcher = Launcher("cat app.dll; echo changed >app.dll; test -e done && exit 0; touch done; exit 3", archive);

        await launcher.Launch(Launch(url, isSupervised: true)).Completion.WaitAsync(Limit);

        Assert.That(await File.ReadAllTextAsync(Path.Combine(DriverDirectory, "stdout")), Is.EqualTo("originaloriginal"));
    }

    [Test]
    public async Task A_package_that_was_changed_is_not_run()
    {
        var app = Directory.CreateDirectory(_directory.File("source")).FullName;
        await File.WriteAllTextAsync(Path.Combine(app, "app.dll"), "original");
        var archive = _directory.File("package.zip");
        DriverPackage.Pack(Path.Combine(app, "app.dll"), [], archive, maxBytes: 1000);
        var url = new PackageUrl(DriverPackage.HashOf(archive), "app.dll").ToString();
        await using var launcher = Launcher("echo x >>../package.zip; exit 3", archive);

        var run = launcher.Launch(Launch(url, isSupervised: true));

        Assert.That(async () => await run.Completion.WaitAsync(Limit), Throws.TypeOf<SparkException>().With.Message.Contains("was changed"));
    }

    [TestCase("file:/etc/app.dll", "'file:/etc/app.dll' is not a file that workers run")]
    [TestCase("local:/etc/app.dll", "spark.worker.driverDirectories")]
    [TestCase("upload:zz/app.dll", "is not a file that workers run")]
    public async Task A_program_that_the_worker_does_not_allow_is_refused(string url, string problem)
    {
        await using var launcher = Launcher("exit 0");

        var run = launcher.Launch(Launch(url));

        Assert.That(async () => await run.Completion.WaitAsync(Limit), Throws.TypeOf<SparkException>().With.Message.Contains(problem));
    }

    [TestCase("DOTNET_STARTUP_HOOKS")]
    [TestCase("LD_PRELOAD")]
    [TestCase("PATH")]
    public async Task A_variable_that_decides_what_is_loaded_is_refused(string variable)
    {
        await using var launcher = Launcher("exit 0");
        var launch = Launch(Local());
        var command = launch.Description.Command with { Environment = new Dictionary<string, string>(StringComparer.Ordinal) { [variable] = "x" } };

        var run = launcher.Launch(launch with { Description = launch.Description with { Command = command } });

        Assert.That(async () => await run.Completion.WaitAsync(Limit), Throws.TypeOf<SparkException>().With.Message.Contains(variable));
    }

    [Test]
    public async Task Disposal_ends_what_runs()
    {
        var launcher = Launcher("echo ready; read line; read line");
        var run = launcher.Launch(Launch(Local()));

        await launcher.DisposeAsync();

        Assert.That(run.Completion.IsCompletedSuccessfully, Is.True);
        Assert.That(launcher.InUse.Contains(DriverDirectory), Is.False);
    }

    private string Local() => $"local:{_directory.File("app.dll")}";

    private ProcessDriverLauncher Launcher(string script, string? archive = null)
    {
        _directory.Write("app.dll", "");
        var conf = new SparkConf(loadDefaults: false).Set("spark.worker.driverDirectories", _directory.Path).Set("spark.worker.driverTerminateTimeout", "1s");
        var host = new DriverHost(new ExecutorHost("/bin/sh", ["-c", script, "sh"]), conf, (_, target, _) =>
        {
            File.Copy(archive!, target);
            return Task.CompletedTask;
        })
        {
            Credentials = static () => new Dictionary<string, string>(StringComparer.Ordinal) { ["spark.authenticate.secret"] = "secret of the driver" },
        };
        return new ProcessDriverLauncher(host, _directory.File("work"), TimeProvider.System, NullLoggerFactory.Instance);
    }

    private static DriverLaunch Launch(string url, bool isSupervised = false) => new(
        Id, new DriverDescription(url, 512, 1, isSupervised, new DriverCommand("", ["argument"], new Dictionary<string, string>(StringComparer.Ordinal),
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["spark.cores.max"] = "2",
                ["spark.driver.host"] = "submitter",
                ["spark.ssl.trustStore"] = "/submitter/ca.pem",
            })), "spark://Worker@10.0.0.9:4000");
}
