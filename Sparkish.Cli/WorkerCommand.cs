using System.CommandLine;
using Sparkish.Configuration;
using Sparkish.Deploy;
using Sparkish.Deploy.Hosting;
using Sparkish.Deploy.Worker;

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
        var file = SharedOptions.PropertiesFile();
        var command = new Command("worker", "Runs a worker, which starts executors and drivers for a master.")
        {
            masters, cores, memory, workDirectory, host, port, file, conf,
        };
        command.SetAction((parsed, _) =>
        {
            var settings = SharedOptions.Read(parsed.GetValue(file), parsed.GetValue(conf));
            var options = WorkerOptions.From(settings, ClusterOptions.MastersOf(parsed.GetRequiredValue(masters)),
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
        await using var worker = await WorkerDaemon.StartAsync(options, conf, workDirectory, host, port, loggers);
        using var service = ServiceNotifier.Started();
        if (await Task.WhenAny(signals.Requested, worker.GaveUp, worker.Decommissioned) != worker.GaveUp) return CliErrors.Success;

        CliErrors.Say(await worker.GaveUp);
        return CliErrors.Failure;
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
