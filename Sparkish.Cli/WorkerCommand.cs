using System.CommandLine;
using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Deploy;
using Sparkish.Deploy.Uploads;
using Sparkish.Deploy.Worker;
using Sparkish.Deploy.Worker.Drivers;
using Sparkish.Deploy.Worker.Output;
using Sparkish.Deploy.Worker.Processes;
using Sparkish.Deploy.Worker.Resources;
using Sparkish.Deploy.Worker.Storage;
using Sparkish.Rpc;
using Sparkish.Security;

namespace Sparkish.Cli;

/// <summary><c>sparkish worker MASTER</c>: runs a worker until it is stopped, or no master accepts it.</summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        var masters = new Argument<string>("MASTER")
        {
            Description = "The cluster's master, as spark://host:port; several as spark://host1:port1,host2:port2.",
        };
        var cores = SharedOptions.WholeNumber("--cores", "-c", 1, 100_000, "Number of cores to offer; all cores of the machine unless given.", "CORES");
        var memory = new Option<string>("--memory", "-m")
        {
            Description = "Memory to offer, such as 4g; a number without a unit is in MiB. The machine's memory less 1 GiB unless given.",
            HelpName = "MEMORY",
        };
        var workDirectory = new Option<string>("--work-dir", "-d")
        {
            Description = "Directory of the executors' files and output.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "work",
        };
        var host = SharedOptions.Host();
        var port = SharedOptions.Port(0, "The port to listen on; the system chooses unless given.");
        var conf = SharedOptions.Conf();
        var command = new Command("worker", "Runs a worker, which starts executors and drivers for a master.")
        {
            masters, cores, memory, workDirectory, host, port, conf,
        };
        command.SetAction((parsed, _) =>
        {
            var settings = SharedOptions.Apply(new SparkConf(loadDefaults: false), parsed.GetValue(conf));
            var options = WorkerOptions.From(settings, ReadMasters(parsed.GetRequiredValue(masters)),
                parsed.GetResult(cores) is null
                    ? WorkerOptions.DefaultCores
                    : parsed.GetValue(cores), ReadMemory(parsed.GetValue(memory)), Random.Shared.NextDouble());
            return RunAsync(options, settings, parsed.GetRequiredValue(workDirectory), parsed.GetRequiredValue(host), parsed.GetValue(port));
        });
        return command;
    }

    private static async Task<int> RunAsync(WorkerOptions options, SparkConf conf, string workDirectory, string host, int port)
    {
        using var signals = new StopSignals(conf.Get(DeployKeys.ShutdownTimeout));
        using var loggers = ConsoleLogging.Create();
        WorkDirectories.ThrowIfUnusable(workDirectory);
        options = options with { Resources = await WorkerResources.FindAsync(conf, TimeProvider.System) };
        await WorkProcesses.EndOrphansAsync(workDirectory, WorkProcesses.Grace, TimeProvider.System, loggers.CreateLogger(typeof(WorkProcesses)));
        var inUse = new DirectoriesInUse();
        var executors = ExecutorHost.Find(conf) with { Affinity = CpuAffinity.From(conf, options.Cores) };
        var launcher = new ProcessExecutorLauncher(executors, workDirectory, TimeProvider.System, loggers)
        {
            InUse = inUse,
            Credentials = SecurityKeys.Passwords(conf, Environment.GetEnvironmentVariable),
            Encrypts = SecurityManager.HasSecretIn(conf),
            Output = OutputOptions.From(conf),
        };
        var envs = RpcEnvFactories.From(conf);
        var program = ExecutorHost.Find(conf, ExecutorHost.DriverCommand);
        await using var worker = WorkerNode.Start(envs, conf, host, port, loggers, options, launcher,
            drivers: env => new ProcessDriverLauncher(HostOf(env, program, options.Masters), workDirectory, TimeProvider.System, loggers) { InUse = inUse });
        launcher.StartCleaning(CleanupOptions.From(conf));
        using var decommission = DecommissionSignal.Listen(conf, worker.Decommission);
        SharedOptions.WarnAboutUnknownKeys(conf, envs, loggers);
        if (await Task.WhenAny(signals.Requested, worker.GaveUp, worker.Decommissioned) != worker.GaveUp) return CliErrors.Success;

        CliErrors.Say(await worker.GaveUp);
        return CliErrors.Failure;
    }

    private static DriverHost HostOf(RpcEnv env, ExecutorHost program, IReadOnlyList<RpcAddress> masters) => new(
        program, env.Conf, (hash, archive, cancellationToken) => UploadClient.FetchAsync(env, masters, hash, archive, cancellationToken))
    {
        Credentials = () => DriverCredentials.Of(env.Conf, Environment.GetEnvironmentVariable),
    };

    private static IReadOnlyList<RpcAddress> ReadMasters(string url)
    {
        try
        {
            return MasterUrl.Parse(url);
        }
        catch (SparkException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private static int ReadMemory(string? text)
    {
        if (text is null) return WorkerOptions.DefaultMemoryMiB;
        try
        {
            if (ConfigEntry.ParseBytes(text, 'm') >> 20 is var memoryMiB and > 0 and <= int.MaxValue) return (int)memoryMiB;
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw Invalid();
        }

        throw Invalid();

        UsageException Invalid() => new($"--memory is '{text}' but must be a size of at least 1 MiB, such as '512m' or '4g'.");
    }
}
