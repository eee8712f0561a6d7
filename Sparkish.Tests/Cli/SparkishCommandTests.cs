using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Cli;

internal sealed class SparkishCommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [TestCase("--help", "Commands:")]
    [TestCase("master --help", "--port <PORT>")]
    [TestCase("worker --help", "--work-dir <DIR>")]
    [TestCase("submit --help", "--total-executor-cores <N>")]
    [TestCase("submit --help", "sparkish submit [options] <APP.dll> [<ARGS>...]")]
    public async Task Help_is_given(string arguments, string contained)
    {
        var (status, output, error) = await RunAsync(arguments.Split(' '));

        Assert.That((status, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain(contained));
    }

    [TestCase("", "sparkish: Required command was not provided. See 'sparkish --help'.")]
    [TestCase("master --foo", "sparkish: Unknown option '--foo' of 'sparkish master'. See 'sparkish master --help'.")]
    [TestCase("worker --cors 2 spark://h:1", "sparkish: Unknown option '--cors' of 'sparkish worker'. See 'sparkish worker --help'.")]
    [TestCase("frob", "sparkish: Unknown command 'frob': give one of master, worker, submit, status, logs, decommission, journal, secret, init, local-cluster. See 'sparkish --help'.")]
    [TestCase("submit --class Main --master local a.dll",
        "sparkish: Unknown option '--class' of 'sparkish submit'. A .NET program has one entry point, so APP.dll is enough: leave it out. See 'sparkish submit --help'.")]
    [TestCase("submit --master local --deploy-mode cluster a.dll",
        "sparkish: Cluster mode needs a standalone cluster, but the master is 'local': give it as --master spark://host:port.")]
    [TestCase("submit --deploy-mode here --master local a.dll", "sparkish: --deploy-mode is 'here' but must be 'client' or 'cluster'.")]
    [TestCase("submit --supervise --master local a.dll",
        "sparkish: --supervise is an option of cluster mode: add --deploy-mode cluster, or leave it out; in client mode nothing can start the driver again.")]
    [TestCase("submit --kill app-1 --master spark://h:1", "sparkish: --kill is 'app-1' but must be the id of a driver, such as 'driver-20260102030405-0000'.")]
    [TestCase("submit --driver-cores 0 a.dll", "sparkish: --driver-cores is '0' but must be a whole number from 1 to 65536.")]
    [TestCase("submit --master local",
        "sparkish: The application is missing: give the path of the .dll that 'dotnet build' produced. See 'sparkish submit --help'.")]
    [TestCase("submit --frob a.dll", "sparkish: Unknown option '--frob' of 'sparkish submit'. See 'sparkish submit --help'.")]
    [TestCase("master -p abc", "sparkish: --port is 'abc' but must be a whole number from 0 to 65535. See 'sparkish master --help'.")]
    [TestCase("worker nonsense", "sparkish: Invalid master URL: 'nonsense'. Write it as spark://host:port.")]
    [TestCase("worker spark://h:1 -m 0", "sparkish: --memory is '0' but must be a size of at least 1 MiB, such as '512m' or '4g'.")]
    [TestCase("submit --executor-cores 0 a.dll", "sparkish: --executor-cores is '0' but must be a whole number of at least 1.")]
    [TestCase("submit --conf spark.executor.cores=0 a.dll", "sparkish: spark.executor.cores is '0' but must be a whole number of at least 1.")]
    [TestCase("submit --executor-memory 1x a.dll",
        "sparkish: --executor-memory is '1x' but must be a size such as '512k', '64m' or '1g', of at least 1m.")]
    [TestCase("submit --executor-memory 100k a.dll",
        "sparkish: --executor-memory is '100k' but must be a size such as '512k', '64m' or '1g', of at least 1m.")]
    [TestCase("submit --total-executor-cores -1 a.dll", "sparkish: --total-executor-cores is '-1' but must be a whole number of at least 1.")]
    [TestCase("submit --conf a a.dll", "sparkish: --conf is 'a' but must be a key, an equals sign and a value, such as 'spark.cores.max=4'.")]
    [TestCase("executor --cores 1", "sparkish: --driver-url is missing. Executors are started by workers.")]
    public async Task A_wrong_command_line_is_told_in_one_line(string arguments, string line)
    {
        var (status, _, error) = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.That((status, error), Is.EqualTo((2, line)));
    }

    [Test]
    public async Task An_application_that_is_not_there_is_told_of_in_one_line()
    {
        var (status, _, error) = await RunAsync("submit", "/nowhere/app.dll");

        Assert.That((status, error),
            Is.EqualTo((1, "sparkish: Application '/nowhere/app.dll' does not exist: give the path of the .dll that 'dotnet build' produced.")));
    }

    [Test]
    public async Task The_executable_of_a_build_output_stands_for_the_assembly_beside_it()
    {
        using var directory = new TemporaryDirectory();
        var alone = directory.Write("alone", "");

        var (status, _, error) = await RunAsync("submit", alone);
        var executable = await RunAsync("submit", Path.Combine(AppContext.BaseDirectory, "Sparkish.Examples"));
        var assembly = await RunAsync("submit", Path.Combine(AppContext.BaseDirectory, "Sparkish.Examples.dll"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(executable, Is.EqualTo(assembly));
            Assert.That((status, error.Split(". ")[0]), Is.EqualTo((1, $"sparkish: '{alone}' is not a .dll, and there is no 'alone.dll' beside it")));
        }
    }

    [TestCase("app.csproj", "is source code")]
    [TestCase("", "is a directory")]
    public async Task What_is_no_program_is_told_by_its_kind(string name, string contained)
    {
        using var directory = new TemporaryDirectory();
        if (name.Length > 0) directory.Write(name, "");

        var (status, _, error) = await RunAsync("submit", directory.File(name));

        Assert.That(status, Is.EqualTo(1));
        Assert.That(error, Does.Contain(contained));
    }

    [Test]
    public async Task A_library_is_no_application()
    {
        var library = Path.Combine(AppContext.BaseDirectory, "Sparkish.Core.dll");

        var (status, _, error) = await RunAsync("submit", library);

        Assert.That(status, Is.EqualTo(1));
        Assert.That(error, Does.StartWith($"sparkish: '{library}' is not a .NET application: there is no 'Sparkish.Core.runtimeconfig.json' beside it."));
    }

    [Test]
    public async Task What_follows_the_application_is_its_own_and_so_is_its_exit_status()
    {
        // The command itself is an application, too: its master command takes --port and refuses this one.
        var (status, _, error) =
            await RunAsync("submit", "--master", "local[1]", Path.Combine(AppContext.BaseDirectory, "sparkish.dll"), "master", "--port", "x");

        Assert.That((status, error), Is.EqualTo((2, "sparkish: --port is 'x' but must be a whole number from 0 to 65535. See 'sparkish master --help'.")));
    }

    [Test]
    public async Task A_port_in_use_is_told_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (status, _, error) = await RunAsync("master", "--port", $"{port}");

        Assert.That(status, Is.EqualTo(1));
        Assert.That(error, Does.Match($"^sparkish: .*127\\.0\\.0\\.1:{port}.*$"));
    }

    [Test]
    [Platform("Unix")]
    public async Task Master_and_worker_find_each_other_and_stop_cleanly_when_asked_to()
    {
        using var work = new TemporaryDirectory();
        await using var master = TestProcess.StartAssembly("sparkish.dll", "master", "--port", "0");
        var url = Regex.Match(await master.WaitForLineAsync(line => line.Contains("Master started at", StringComparison.Ordinal), Limit),
            "spark://[0-9.:]+", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        await using var worker = TestProcess.StartAssembly("sparkish.dll", "worker", url, "-d", work.Path, "-c", "3", "-m", "1g");

        var registered = await master.WaitForLineAsync(line => line.Contains("registered with", StringComparison.Ordinal), Limit);
        worker.Terminate();
        var workerStatus = await worker.WaitForExitAsync(Limit);
        await master.WaitForLineAsync(line => line.Contains("disassociated", StringComparison.Ordinal), Limit);
        master.Terminate();
        var masterStatus = await master.WaitForExitAsync(Limit);

        Assert.That(registered, Does.EndWith("registered with 3 cores and 1024 MiB"));
        Assert.That((workerStatus, masterStatus), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task A_worker_that_finds_no_master_gives_up()
    {
        using var work = new TemporaryDirectory();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();

        await using var worker = TestProcess.StartAssembly(
            "sparkish.dll", "worker", $"spark://127.0.0.1:{port}", "-d", work.Path, "--conf", "spark.worker.maxRegistrationRetries=1");

        await worker.WaitForLineAsync(line => line.Contains("Cannot reach", StringComparison.Ordinal), Limit);
        var line = await worker.WaitForLineAsync(line => line.Contains("sparkish: All masters are unresponsive! Giving up.", StringComparison.Ordinal), Limit);
        Assert.That((await worker.WaitForExitAsync(Limit), line),
            Is.EqualTo((1, $"sparkish: All masters are unresponsive! Giving up. (spark://127.0.0.1:{port})")));
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var process = TestProcess.StartAssembly("sparkish.dll", arguments);
        var status = await process.WaitForExitAsync(Limit);
        return (status, string.Join('\n', process.Output), string.Join('\n', process.Errors));
    }
}
