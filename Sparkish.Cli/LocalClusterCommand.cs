using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sparkish.Deploy;
using Sparkish.Deploy.Worker;
using Sparkish.Deploy.Worker.Processes;

namespace Sparkish.Cli;

/// <summary><c>sparkish local-cluster</c>: runs a master and workers as processes of this machine, until it is stopped or one of them ends.</summary>
internal static class LocalClusterCommand
{
    private const int MaxWorkers = 100;
    private const string Host = "127.0.0.1";

    public static Command Create()
    {
        var workers = Number("--workers", "-n", 1, MaxWorkers, 2, "Number of workers", "N");
        var cores = Number("--cores", "-c", 1, 100_000, 1, "Cores of each worker", "CORES");
        var memory = new Option<string>("--memory", "-m")
        {
            Description = "Memory of each worker; 1g unless given.",
            HelpName = "MEMORY",
            DefaultValueFactory = static _ => "1g",
        };
        var workDirectory = new Option<string>("--work-dir")
        {
            Description = "Directory with a work directory for each worker.",
            HelpName = "DIR",
            DefaultValueFactory = static _ => "work",
        };
        var port = SharedOptions.WholeNumber("--port", "-p", 1, 65535, "The port of the master.", "PORT");
        port.DefaultValueFactory = static _ => 7077;
        var conf = SharedOptions.Conf();
        var command = new Command("local-cluster", "Runs a master and workers on this machine, each in a process of its own, for trying out.")
        {
            workers, cores, memory, workDirectory, port, conf,
        };
        command.SetAction((parsed, _) =>
        {
            var url = string.Create(CultureInfo.InvariantCulture, $"spark://{Host}:{parsed.GetValue(port)}");
            string[] settings = [.. (parsed.GetValue(conf) ?? []).SelectMany(static setting => new[] { "--conf", setting })];
            var nodes = new List<(string Name, string[] Arguments)> { ("master", ["master", "--port", url[(url.LastIndexOf(':') + 1)..], .. settings]) };
            for (var i = 1; i <= parsed.GetValue(workers); i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"worker{i}");
                nodes.Add((name,
                [
                    "worker", url, "--cores", parsed.GetValue(cores).ToString(CultureInfo.InvariantCulture), "--memory", parsed.GetRequiredValue(memory),
                    "--work-dir", Path.Combine(parsed.GetRequiredValue(workDirectory), name), .. settings,
                ]));
            }

            ThrowIfTaken(parsed.GetValue(port));
            return RunAsync(url, nodes, SharedOptions.Apply(new SparkConf(loadDefaults: false), parsed.GetValue(conf)));
        });
        return command;
    }

    // The workers would join the cluster that runs there.
    private static void ThrowIfTaken(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Parse(Host), port);
            probe.Start();
        }
        catch (SocketException error)
        {
            throw new SparkException(string.Create(
                CultureInfo.InvariantCulture, $"Port {port} of {Host} is in use, perhaps by another cluster ({error.Message}): give another one with --port."), error);
        }
    }

    private static async Task<int> RunAsync(string url, List<(string Name, string[] Arguments)> nodes, SparkConf conf)
    {
        // The nodes have limits of their own; this process waits for them.
        using var signals = new StopSignals(conf.Get(DeployKeys.ShutdownTimeout) * 2);
        var running = new List<(string Name, Process Process, Task Ended)>();
        try
        {
            foreach (var (name, arguments) in nodes)
            {
                var process = Start(name, arguments);
                running.Add((name, process, process.WaitForExitAsync()));
            }

            await Console.Out.WriteLineAsync($"A cluster with {nodes.Count - 1} workers starts. Submit to it with: sparkish submit --master {url} APP.dll");
            var ended = await Task.WhenAny([.. running.Select(static one => one.Ended), signals.Requested]);
            if (ended == signals.Requested) return CliErrors.Success;
            var (first, failed, _) = running.Find(one => one.Ended == ended);
            CliErrors.Say($"{first} has ended with status {failed.ExitCode.ToString(CultureInfo.InvariantCulture)}, and the cluster with it: see its lines above.");
            return CliErrors.Failure;
        }
        finally
        {
            // Workers first, so that they sign off.
            foreach (var (_, process, ended) in Enumerable.Reverse(running))
            {
                if (!ended.IsCompleted) Stop(process);
                await process.WaitForExitAsync();
                process.Dispose();
            }
        }
    }

    private static Process Start(string name, string[] arguments)
    {
        var program = ExecutorHost.FindSparkish(arguments);
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(program.FileName, program.Arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, line) => Print(name, line.Data);
        process.ErrorDataReceived += (_, line) => Print(name, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static void Print(string name, string? line)
    {
        if (line is not null) Console.Error.WriteLine($"{name}: {line}");
    }

    private static void Stop(Process process)
    {
        if (OperatingSystem.IsWindows()) process.Kill(entireProcessTree: true);
        else UnixSignals.Terminate(process);
    }

    private static Option<int> Number(string name, string alias, int min, int max, int usual, string what, string helpName)
    {
        var option = SharedOptions.WholeNumber(
            name, alias, min, max, string.Create(CultureInfo.InvariantCulture, $"{what}; {usual} unless given."), helpName);
        option.DefaultValueFactory = _ => usual;
        return option;
    }
}
